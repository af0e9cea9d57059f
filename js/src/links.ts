/** The target of a link, if the link may be followed. */

export interface Target {
  href: string;
  /** The host, or the address of a mail. */
  host: string;
  /** Whether the host has letters, or a spelling, that a person can mistake for another host. */
  odd: boolean;
}

const PROTOCOLS = ["https:", "http:", "mailto:"];

/** `null` for any scheme but http, https or mailto, and for addresses without a host. */
export function targetOf(url: string): Target | null {
  const parsed = parse(url);
  if (!parsed || !PROTOCOLS.includes(parsed.protocol)) return null;
  const { href, host, hostname, username, pathname, protocol } = parsed;
  if (protocol === "mailto:") return { href, host: pathname, odd: /%|\(/.test(pathname) };
  return {
    href,
    host,
    odd: hostname.split(".").some((label) => label.startsWith("xn--")) || username !== "",
  };
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null; // a relative address leads nowhere from here
  }
}

/** Whether a label already names the host of the link. */
export function tellsHost(label: string, { href, host, odd }: Target): boolean {
  const bare = (text: string) => text.replace(/^(?:https?:\/\/|mailto:)/i, "").replace(/\/$/, "");
  return !odd && [host, bare(href)].includes(bare(label.trim()));
}

const RASTER = /^data:image\/(?:png|jpeg|gif|webp|avif|bmp);base64,[A-Za-z0-9+/=\s]*$/;

/** Only raster images: an SVG is a document, and a remote image tells the server who reads this. */
export function isRaster(src: string): boolean {
  return RASTER.test(src);
}
