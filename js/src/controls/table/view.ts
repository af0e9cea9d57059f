/** The visible order of the rows of a table; the order in the answer does not change. */
import { type JsonObject, Num } from "../../json";
import { type Column, cellText } from "./columns";

export interface Sorting {
  column: number;
  up: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** Indices of the rows that are shown, in order. */
export function orderOf(
  rows: readonly JsonObject[],
  columns: readonly Column[],
  sorting: Sorting | null,
  filter: string,
): number[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const all = rows.map((_, index) => index);
  const shown = words.length === 0 ? all : all.filter((index) => matches(rows[index], columns, words));
  const column = sorting && columns[sorting.column];
  if (!column) return shown;
  const cells = rows.map((row) => row.get(column.name));
  const texts = cells.map((cell) => cellText(column.control, cell));
  const compare = (one: number, other: number) => {
    const [a, b] = [cells[one], cells[other]];
    const difference = a instanceof Num && b instanceof Num ? Number(a.text) - Number(b.text) : 0;
    return difference || collator.compare(texts[one] ?? "", texts[other] ?? "");
  };
  return shown.sort((one, other) => (sorting.up ? compare(one, other) : compare(other, one)) || one - other);
}

function matches(row: JsonObject | undefined, columns: readonly Column[], words: string[]): boolean {
  const text = columns.map(({ name, control }) => cellText(control, row?.get(name))).join("\n");
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}
