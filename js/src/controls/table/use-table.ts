/** The state of a table: the selected cell, the visible order, and the changes to the rows. */
import type { RefObject } from "preact";
import { useMemo, useState } from "preact/hooks";
import { type Json, type JsonObject, parse } from "../../json";
import type { ListControl } from "../../protocol";
import * as strings from "../../strings";
import type { ControlProps } from "../base";
import { isFull } from "../shape";
import { type Cell, moved, pasted, within, wrapped } from "./cells";
import { type Column, cellText, cellValue, withCell } from "./columns";
import { cellsOf } from "./tsv";
import { orderOf, type Sorting } from "./view";

/** Pixels; also in the style sheet. */
export const ROW = 26;
/** Rows in sight. */
export const SEEN = 14;

export type TableProps = ControlProps<ListControl> & { columns: Column[] };

export function useTable(
  { control, columns, place, node, readOnly }: TableProps,
  grid: RefObject<HTMLDivElement | null>,
) {
  const rows = (node ?? []) as readonly JsonObject[];
  const [sorting, sort] = useState<Sorting | null>(null);
  const [filter, search] = useState("");
  const [active, activate] = useState<Cell>({ row: 0, column: 0 });
  /** The text that the selected cell is edited from. */
  const [typed, edit] = useState<string | null>(null);
  const [said, say] = useState("");
  const order = useOrder(rows, columns, sorting, filter);
  const at = within(active, order.length, columns.length);
  const column = columns[at.column];
  const index = order[at.row];
  const row = rows[index ?? -1];
  const fixed = readOnly || !column || !row || column.control.kind === "fixed";
  const shown = column ? cellText(column.control, row?.get(column.name)) : "";

  const go = (cell: Cell) => {
    const next = within(cell, order.length, columns.length);
    activate(next);
    edit(null);
    reveal(grid.current, next);
  };
  const write = (value: Json | undefined) => {
    if (!fixed && index !== undefined) place.change(rows.with(index, withCell(row, column, value)));
  };
  const begin = (start = shown) => {
    if (fixed) return;
    if (column.control.kind === "switch") write(row.get(column.name) !== true);
    else edit(start);
  };
  const finish = (text: string | null, by: Cell | null) => {
    if (text !== null && text !== shown && column) write(cellValue(column, text));
    edit(null);
    if (!by) return;
    grid.current?.focus();
    go(wrapped({ row: at.row + by.row, column: at.column + by.column }, columns.length));
  };
  const paste = (text: string) => {
    const cells = cellsOf(text);
    if (readOnly || cells.length === 0) return;
    place.change(pasted(control, columns, rows, order, at, cells));
    say(strings.table.pasted(cells.length, Math.max(...cells.map(({ length }) => length))));
  };
  const canAdd = !(readOnly || isFull(control, rows));
  const canRemove = !readOnly && rows.length > control.fewest && index !== undefined;
  const add = () => {
    if (!canAdd) return;
    sort(null);
    search("");
    place.change([...rows, parse(control.start)], false);
    activate({ row: rows.length, column: 0 });
    grid.current?.focus();
    requestAnimationFrame(() => reveal(grid.current, { row: rows.length, column: 0 })); // after layout
  };
  const remove = () => {
    if (canRemove) place.change(rows.toSpliced(index, 1));
    grid.current?.focus();
  };
  const pick = (cell: Cell) => (isSame(cell, at) && typed === null ? begin() : go(cell));
  const onKeyDown = (event: KeyboardEvent) => {
    const next = event.altKey ? null : moved(event, at, order.length, columns.length, SEEN - 1);
    const does = next ? "go" : keyOn(event, column);
    if (next) go(next);
    else if (does === "begin") begin();
    else if (does === "clear" && column) write(cellValue(column, ""));
    else if (does === "type") begin(event.key);
    if (does) event.preventDefault();
  };
  return {
    ...{ rows, order, at, typed, sorting, filter, said, shown, canAdd, canRemove },
    ...{ sort, search, go, pick, finish, paste, add, remove, onKeyDown },
  };
}

/** Does not depend on the cells: an edited row stays in place until the person sorts again. */
function useOrder(rows: readonly JsonObject[], columns: Column[], sorting: Sorting | null, filter: string) {
  const by = [rows.length, columns.length, sorting, filter];
  return useMemo(() => orderOf(rows, columns, sorting, filter), by);
}

function isSame(one: Cell, other: Cell): boolean {
  return one.row === other.row && one.column === other.column;
}

/** Handles a key in a cell; a choice and a tick are not typed into. */
function keyOn({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, column: Column | undefined) {
  if (ctrlKey || metaKey || altKey) return null;
  if (key === "Enter" || key === "F2") return "begin";
  if (key === "Delete" || key === "Backspace") return "clear";
  const kind = column?.control.kind;
  if (key.length !== 1 || (kind === "switch" && key !== " ")) return null;
  return kind === "choice" || kind === "switch" ? "begin" : "type";
}

/** Scroll as little as possible; the head and the row numbers stay in place. */
function reveal(grid: HTMLElement | null, { row, column }: Cell): void {
  if (!grid) return;
  const [top, bottom] = [row * ROW, (row + 2) * ROW];
  if (top < grid.scrollTop) grid.scrollTop = top;
  else if (bottom > grid.scrollTop + grid.clientHeight) grid.scrollTop = bottom - grid.clientHeight;
  const [numbers, ...names] = grid.querySelectorAll<HTMLElement>(".head > .cell");
  const name = names[column];
  if (!numbers || !name) return;
  const [start, end] = [name.offsetLeft - numbers.offsetWidth, name.offsetLeft + name.offsetWidth];
  if (start < grid.scrollLeft) grid.scrollLeft = start;
  else if (end > grid.scrollLeft + grid.clientWidth) grid.scrollLeft = end - grid.clientWidth;
}
