// tus-js-client as its documentation shows it: node client.mjs <endpoint> <creation-with-upload: 0 or 1> <file> ...
// One file after the other, the delays of the library; when it has given up, its caller goes on from the same address.
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { Upload } from 'tus-js-client'

const [endpoint, whole, ...files] = process.argv.slice(2)
const done = []

function once(content, known) {
  return new Promise((resolve) => {
    const upload = new Upload(content, {
      endpoint,
      uploadUrl: known,
      uploadDataDuringCreation: whole === '1',
      onSuccess: () => resolve({ done: true }),
      onError: () => resolve({ done: false, url: upload.url }),
    })
    upload.start()
  })
}

const began = performance.now()
for (const file of files) {
  const content = readFileSync(file)
  let url = null
  for (;;) {
    const ended = await once(content, url)
    if (ended.done) break
    url = ended.url
    await wait(1000)
  }
  done.push((performance.now() - began) / 1000)
  // A line for each, so that a run that is ended before its time still says how far it came.
  console.log(JSON.stringify({ seconds: done.at(-1), bytes: content.length }))
}
process.exit(0)
