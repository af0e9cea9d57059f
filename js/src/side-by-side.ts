/** A word diff in two columns, whose rows end where both texts end a line. */
import type { Part } from "./diff";

export interface Row {
  before: Part[];
  after: Part[];
}

export function rowsOf(parts: Part[]): Row[] {
  const rows: Row[] = [];
  let row: Row = { before: [], after: [] };
  const endRow = () => {
    if (row.before.length + row.after.length > 0) rows.push(row);
    row = { before: [], after: [] };
  };
  for (const part of parts) {
    if (part.kind === "removed") row.before.push(part);
    else if (part.kind === "added") row.after.push(part);
    else if (part.kind === "skipped") {
      endRow();
      rows.push({ before: [part], after: [part] });
    } else
      for (const text of part.text.match(/[^\n]*\n|[^\n]+/g) ?? []) {
        row.before.push({ kind: "same", text });
        row.after.push({ kind: "same", text });
        if (text.endsWith("\n")) endRow();
      }
  }
  endRow();
  return rows;
}
