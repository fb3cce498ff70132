import { type Finding, finding, type Watch } from '../finding.ts'

/** In Latin-1, in lower case. Of eight letters, a gigabyte of noise holds one in a million files. */
export type Marker = string

/**
 * Finds texts, whatever their case, in a stream of bytes: what a picture never holds and another reader of the same bytes
 * (a server that includes it, a browser that guesses) would run.
 */
export function watchMarkers(markers: readonly Marker[], found: Finding): Watch {
  const overlap = Math.max(...markers.map((marker) => marker.length)) - 1
  let tail = ''
  return {
    write(bytes) {
      const text = tail + bytes.toString('latin1').toLowerCase()
      if (markers.some((marker) => text.includes(marker))) return found
      tail = text.slice(Math.max(0, text.length - overlap))
      return null
    },
    end: () => null,
  }
}

/** Of a picture. */
export const pictureMarkers: readonly Marker[] = [
  '<?php ',
  '<?php\n',
  '<?php\r',
  '<?php\t',
  '<script>',
  '<script ',
  '<script\n',
  '<!doctype html',
  '<html>',
]

/** Of a document: what it does when it is opened, and programs that it brings. */
export const documentMarkers: readonly Marker[] = [
  '/javascript',
  '/launch',
  '/js(',
  '/js (',
  '/js<',
  '/js <',
  '/embeddedfile',
  '/richmedia',
  '/xfa',
]

export const pictureFinding = finding('uploads_active', 'active', 'a picture without scripts in it')
export const documentFinding = finding('uploads_active', 'active', 'a document that runs and holds no programs')
