/** Which rows of a table are shown, and in which order. */

export interface Order {
  column: number;
  descending: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/**
 * Indices into `rows` of the rows that contain every word of the filter. Rows of the same rank keep their
 * order.
 */
export function arrange(rows: string[][], filter: string, order: Order | null, numeric: boolean[]): number[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = [...rows.keys()].filter((index) => words.every((word) => contains(rows[index], word)));
  if (!order) return kept;
  const { column, descending } = order;
  const compare = numeric[column] ? compareNumbers : collator.compare;
  const sign = descending ? -1 : 1;
  const cell = (index: number) => rows[index]?.[column] ?? "";
  return kept.sort((a, b) => emptyLast(cell(a), cell(b)) || sign * compare(cell(a), cell(b)));
}

function contains(row: string[] | undefined, word: string): boolean {
  return row?.some((cell) => cell.toLowerCase().includes(word)) ?? false;
}

function emptyLast(a: string, b: string): number {
  return Number(a === "") - Number(b === "");
}

/** Whole numbers too long to be told apart as floats are compared as text. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (x !== y && !Number.isNaN(x - y)) return x - y;
  return collator.compare(a, b) * (a.startsWith("-") && b.startsWith("-") ? -1 : 1);
}

/** Widths in characters: enough for most cells, within limits. */
export function widths(columns: string[], rows: string[][]): number[] {
  const sample = rows.slice(0, 200);
  return columns.map((name, column) => {
    const longest = Math.max(name.length + 3, ...sample.map((row) => row[column]?.length ?? 0));
    return Math.min(Math.max(longest, 4), 36) + 2;
  });
}
