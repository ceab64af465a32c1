// @tus/server with its file store, and a completion hook that does what our acuse demands before it is answered:
// node same_work.mjs <port> <folder> <keys file> <index file>
//
// The hook is as quick as we could make it, so that the comparison is one with @tus/server: OpenSSL for everything, two
// threads for the checks (files synced meanwhile), one for group commits. The main thread is left to HTTP and files.
import { Worker } from 'node:worker_threads'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const CHECKERS = 2
const [port, directory, keys, index] = process.argv.slice(2)
const start = (name, workerData) => new Worker(new URL(name, import.meta.url), { workerData })

const waiting = new Map()
let last = 0
let turn = 0
function ask(worker, message) {
  return new Promise((resolve, reject) => {
    const id = ++last
    waiting.set(id, { resolve, reject })
    worker.postMessage({ ...message, id })
  })
}
function told(answer) {
  const { resolve, reject } = waiting.get(answer.id)
  waiting.delete(answer.id)
  if (answer.error) reject({ status_code: 422, body: answer.error })
  else resolve(answer)
}

const datastore = new FileStore({ directory })
const checkers = Array.from({ length: CHECKERS }, () => start('./checker.mjs', { keys }))
const ledger = start('./ledger.mjs', { index, folder: directory })
for (const checker of checkers) checker.on('message', told)
ledger.on('message', (answers) => answers.forEach(told))

async function onUploadFinish(_, upload) {
  const { folio, codigo_integridad: codigo } = upload.metadata ?? {}
  const path = upload.storage.path
  const checker = checkers[turn++ % CHECKERS]
  try {
    const { acuse, found } = await ask(checker, { path, codigo, folio, received: Date.now() })
    const kept = await ask(ledger, { found, folio, file: upload.id, acuse })
    return { headers: { 'Acopio-Acuse': kept.acuse } }
  } catch (refused) {
    await datastore.remove(upload.id)
    throw refused
  }
}

new Server({ path: '/files', datastore, onUploadFinish }).listen({ host: '127.0.0.1', port: Number(port) })
