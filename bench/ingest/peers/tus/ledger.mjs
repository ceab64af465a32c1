// A worker thread of same_work.mjs: what waits is committed together, after the folder that holds its files is synced.
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'

const db = new DatabaseSync(workerData.index)
db.exec('PRAGMA journal_mode = WAL')
db.exec('PRAGMA synchronous = FULL')
db.exec(`CREATE TABLE registros (device INTEGER, registro INTEGER, folio TEXT NOT NULL, codigo TEXT NOT NULL,
  tam INTEGER NOT NULL, file TEXT NOT NULL, acuse TEXT NOT NULL, PRIMARY KEY (device, registro)) STRICT`)
// A record that comes again with the same code is no news; with another code it is refused.
const insert = db.prepare(
  `INSERT INTO registros VALUES (?, ?, ?, ?, ?, ?, ?)
   ON CONFLICT (device, registro) DO UPDATE SET file = registros.file WHERE registros.codigo = excluded.codigo
   RETURNING acuse`,
)
const folder = openSync(workerData.folder, 'r')
process.on('exit', () => closeSync(folder))

parentPort.on('message', (first) => {
  const group = [first]
  for (let more; (more = receiveMessageOnPort(parentPort)); ) group.push(more.message)
  const answers = []
  try {
    fsyncSync(folder)
    db.exec('BEGIN IMMEDIATE')
    for (const { id, found, folio, file, acuse } of group) {
      const row = insert.get(found.device, found.registro, folio, found.codigo, found.tam, file, acuse)
      answers.push(row ? { id, acuse: row.acuse } : { id, error: 'folio_en_conflicto' })
    }
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    answers.splice(0, answers.length, ...group.map(({ id }) => ({ id, error: error.message })))
  }
  parentPort.postMessage(answers)
})
