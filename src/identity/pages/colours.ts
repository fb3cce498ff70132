/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number]

export const white: Colour = [255, 255, 255]
export const black: Colour = [11, 18, 32]

/** @param text as `#123f8c` */
export function parseColour(text: string): Colour {
  const number = Number.parseInt(text.slice(1), 16)
  return [number >> 16, (number >> 8) & 255, number & 255]
}

export function formatColour(colour: Colour): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** How well one can be read on the other, 1 to 21 (WCAG 2.2, contrast ratio). */
export function contrast(a: Colour, b: Colour): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** The colour made lighter until it can be read on `paper`. */
export function lighten(colour: Colour, paper: Colour, ratio: number): Colour {
  let made = colour
  for (let step = 1; step <= 20 && contrast(made, paper) < ratio; step++) {
    made = colour.map((part) => Math.round(part + ((255 - part) * step) / 20)) as unknown as Colour
  }
  return made
}

/** Letters that can be read on it. */
export function lettersOn(colour: Colour): Colour {
  return contrast(colour, white) >= contrast(colour, black) ? white : black
}

function luminance(colour: Colour): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
