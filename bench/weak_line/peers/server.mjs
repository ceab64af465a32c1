// @tus/server with its file store, as shipped: node server.mjs <host> <port> <folder>
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const [host, port, directory] = process.argv.slice(2)
new Server({ path: '/files', datastore: new FileStore({ directory }) }).listen({ host, port: Number(port) })
