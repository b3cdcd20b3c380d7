/** A PNG of at most 96 colours, by UPNG: a third of what a browser's picture weighs. */

import UPNG from 'upng-js';

const COLOURS = 96;

declare global {
  interface Window {
    smaller: (png: string) => string;
  }
}

/** From base64 to base64: pages and Python speak no bytes to each other. */
window.smaller = (png) => {
  const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
  const image = UPNG.decode(bytes.buffer);
  const small = new Uint8Array(UPNG.encode(UPNG.toRGBA8(image), image.width, image.height, COLOURS));
  return btoa(small.reduce((text, byte) => text + String.fromCharCode(byte), ''));
};
