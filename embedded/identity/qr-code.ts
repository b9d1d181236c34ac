/** A QR code (ISO/IEC 18004) as a drawing inside the page: no script, no image to load, nothing kept. */
import { html } from 'hono/html';
import { encode } from 'uqr';

/** Modules of white around it, as the standard asks for. */
const QUIET_ZONE = 4;

/**
 * The code of a text as SVG, a square each module. `label` says to those who can't see it what it is for. A screen has no
 * stains: the lowest level of correction does, and makes the modules large.
 */
export const qrCode = (text: string, label: string) => {
  const { size, data } = encode(text, { ecc: 'L', border: QUIET_ZONE });
  const path = data
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}" xmlns="http://www.w3.org/2000/svg" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`;
};
