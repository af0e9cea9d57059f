/** Cells by their visible position: the target of each key, and the effect of a paste. */
import { type Json, type JsonObject, parse } from "../../json";
import type { ListControl } from "../../protocol";
import { isFull } from "../shape";
import { type Column, cellValue, withCell } from "./columns";

export interface Cell {
  row: number;
  column: number;
}

/** Where a key leads; `null` for keys that lead nowhere. */
export function moved(
  { key, ctrlKey, metaKey }: KeyboardEvent,
  { row, column }: Cell,
  rows: number,
  columns: number,
  page: number,
): Cell | null {
  const far = ctrlKey || metaKey;
  const to: Record<string, Cell> = {
    ArrowUp: { row: far ? 0 : row - 1, column },
    ArrowDown: { row: far ? rows : row + 1, column },
    ArrowLeft: { row, column: far ? 0 : column - 1 },
    ArrowRight: { row, column: far ? columns : column + 1 },
    PageUp: { row: row - page, column },
    PageDown: { row: row + page, column },
    Home: { row: far ? 0 : row, column: 0 },
    End: { row: far ? rows : row, column: columns },
  };
  const next = to[key];
  return next ? within(next, rows, columns) : null;
}

export function within({ row, column }: Cell, rows: number, columns: number): Cell {
  return {
    row: Math.max(0, Math.min(rows - 1, row)),
    column: Math.max(0, Math.min(columns - 1, column)),
  };
}

/** Beyond the last column begins the next row. */
export function wrapped({ row, column }: Cell, columns: number): Cell {
  if (column >= columns) return { row: row + 1, column: 0 };
  return column < 0 ? { row: row - 1, column: columns - 1 } : { row, column };
}

/** The rows with pasted cells, from a cell onward in the visible order; missing rows are added. */
export function pasted(
  control: ListControl,
  columns: readonly Column[],
  rows: readonly JsonObject[],
  order: readonly number[],
  { row, column }: Cell,
  cells: readonly string[][],
): Json {
  const all = [...rows];
  cells.forEach((texts, down) => {
    const index = order[row + down] ?? all.length;
    if (index === all.length && isFull(control, all)) return;
    const start = all[index] ?? (parse(control.start) as JsonObject);
    all[index] = texts.reduce((line, text, right) => put(line, columns[column + right], text), start);
  });
  return all;
}

function put(row: JsonObject, column: Column | undefined, text: string): JsonObject {
  if (!column || column.control.kind === "fixed") return row;
  return withCell(row, column, cellValue(column, text));
}
