import { type Finding, finding, type Watch } from '../finding.ts'

/** In Latin-1, in lower case. Of eight letters, a gigabyte of noise holds one in a million files. */
export type Marker = string

/**
 * Finds texts, whatever their case, in a stream of bytes: what a picture never holds and another reader of the same bytes
 * (a server that includes it, a browser that guesses) would run.
 */
export function watchMarkers(
  markers: readonly Marker[],
  found: Finding,
  undoEscapes: (text: string) => string = (text) => text,
): Watch {
  // An escape takes three characters for one.
  const overlap = 3 * Math.max(...markers.map((marker) => marker.length)) - 1
  let tail = ''
  return {
    write(bytes) {
      const text = tail + bytes.toString('latin1').toLowerCase()
      const read = undoEscapes(text)
      if (markers.some((marker) => read.includes(marker))) return found
      tail = text.slice(Math.max(0, text.length - overlap))
      return null
    },
    end: () => null,
  }
}

/** Names in a PDF may be written with escapes (ISO 32000-1 section 7.3.5): `/J#61vaScript`. */
export function undoPdfEscapes(text: string): string {
  if (!text.includes('#')) return text
  return text.replace(/#([\da-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)).toLowerCase())
}

/** Of a picture. The short tag of PHP is too short to look for by itself, and so stands with what it would run. */
export const pictureMarkers: readonly Marker[] = [
  '<?php ',
  '<?php\n',
  '<?php\r',
  '<?php\t',
  '<?=$_get',
  '<?=$_post',
  '<?=$_req',
  '<?=system',
  '<?=eval(',
  '<?=exec(',
  '<?=`$_',
  '__halt_compiler',
  '<%@ page',
  '<jsp:',
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
