// A worker thread of same_work.mjs: reads the file that @tus/server wrote, checks it, syncs it and signs the receipt.
import { open } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { load } from './keys.mjs'
import { check, receipt } from './record.mjs'

const keys = load(workerData.keys)

parentPort.on('message', async ({ id, path, codigo, folio, received }) => {
  let file
  try {
    file = await open(path, 'r+')
    const syncing = file.datasync()
    syncing.catch(() => {}) // awaited below, unless the record is refused first
    const found = check(keys, await file.readFile(), codigo)
    const acuse = receipt(keys, folio, found, received)
    await syncing
    parentPort.postMessage({ id, acuse, found })
  } catch (error) {
    parentPort.postMessage({ id, error: error.message })
  } finally {
    await file?.close()
  }
})
