/** Numbers as their digits: nothing here passes through a JavaScript number. */

/** A number as a person may write the number, in JSON: `+5`, `.5`, `5.` and `007` are accepted. */
export function numberFrom(typed: string): string | null {
  const found = /^([+-]?)(\d*)(\.\d*)?([eE][+-]?\d+)?$/.exec(typed.trim().replace("\u2212", "-"));
  if (!found) return null;
  const [, sign = "", whole = "", point = "", power = ""] = found;
  if (whole === "" && point.length < 2) return null;
  const fraction = point === "." ? ".0" : point;
  return `${sign === "-" ? "-" : ""}${whole.replace(/^0+(?=\d)/, "") || "0"}${fraction}${power}`;
}

/** `digits / 10 ** scale`. */
interface Decimal {
  digits: bigint;
  scale: number;
}

/** Characters beyond which a number is not stepped: the digits would fill the page. */
const LONGEST = 1000;

function decimalOf(text: string): Decimal | null {
  const found = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!found) return null;
  const [, sign = "", whole = "", fraction = "", power = "0"] = found;
  const scale = fraction.length - Number(power);
  if (Math.abs(scale) > LONGEST) return null;
  const digits = BigInt(sign + whole + fraction);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

/** The digits at a scale that is not smaller. */
function at({ digits, scale }: Decimal, wanted: number): bigint {
  return digits * 10n ** BigInt(wanted - scale);
}

function textOf(digits: bigint, scale: number): string {
  const sign = digits < 0n ? "-" : "";
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

export interface Bounds {
  least: string | null;
  most: string | null;
  /** Distance between allowed values, counted from 0; `null` for steps of 1 from the present value. */
  step: string | null;
}

/**
 * The next number up or down, within bounds; `null` where there is none. A number with a point keeps the
 * point.
 */
export function stepped(text: string, up: boolean, { least, most, step }: Bounds): string | null {
  const value = decimalOf(text);
  const width = decimalOf(step ?? "1");
  if (!value || !width || width.digits <= 0n) return null;
  const low = least === null ? null : decimalOf(least);
  const high = most === null ? null : decimalOf(most);
  const float = /[.eE]/.test(text) ? 1 : 0;
  const scale = Math.max(value.scale, width.scale, low?.scale ?? 0, high?.scale ?? 0, float);
  const next = neighbour(at(value, scale), at(width, scale), up, step !== null);
  const bounded = clamped(next, low && at(low, scale), high && at(high, scale));
  return bounded === at(value, scale)
    ? null
    : trimmed(bounded, scale, Math.max(width.scale, float, value.scale));
}

function neighbour(value: bigint, width: bigint, up: boolean, snap: boolean): bigint {
  if (!snap) return up ? value + width : value - width;
  const over = ((value % width) + width) % width;
  const below = value - over;
  return up ? below + width : over === 0n ? below - width : below;
}

function clamped(value: bigint, low: bigint | null, high: bigint | null): bigint {
  if (low !== null && value < low) return low;
  return high !== null && value > high ? high : value;
}

/** Without zeros at the end that only a bound's digits brought along. */
function trimmed(digits: bigint, scale: number, wanted: number): string {
  let [rest, places] = [digits, scale];
  while (places > wanted && rest % 10n === 0n) [rest, places] = [rest / 10n, places - 1];
  return textOf(rest, places);
}
