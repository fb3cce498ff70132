import { request as requestHttp } from 'node:http'
import { text } from 'node:stream/consumers'

export interface PlainAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A request with exactly these fields: `fetch` adds some of a browser's by itself. */
export function requestPlainly(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
  body?: string,
): Promise<PlainAnswer> {
  return new Promise((resolve, reject) => {
    const request = requestHttp(url, { method, headers }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** As a browser asks for a page that was typed in. */
export const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document' }
/** As a script of our own page asks. */
export const script = { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' }
