/** The table itself: as many rows are drawn as are seen, and some more for scrolling. */
import { useId, useMemo, useRef, useState } from "preact/hooks";
import type { Grid } from "../protocol";
import { Shown, shownText } from "../shown";
import * as strings from "../strings";
import { Tick } from "../tick";
import { type Cell, moved, ROW_PX, reveal, SEEN } from "./grid-keys";
import { type Order, widths } from "./grid-rows";

const SPARE = 10;
/** Characters of a cell that the row shows. */
const CELL = 120;

interface Props extends Pick<Grid, "columns" | "numeric" | "ticks" | "rows"> {
  /** Indices into `rows`. */
  shown: number[];
  order: Order | null;
  active: Cell | null;
  onOrder(order: Order | null): void;
  onActive(cell: Cell): void;
}

export function GridTable({ columns, numeric, ticks, rows, shown, order, active, onOrder, onActive }: Props) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const columnWidths = useMemo(() => widths(columns, rows), [columns, rows]);
  const from = Math.max(0, Math.min(first, shown.length - SEEN) - SPARE);
  const to = Math.min(shown.length, from + SEEN + 2 * SPARE);
  const cellId = ({ row, column }: Cell) => `${id}-${row}-${column}`;
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event.key, active, shown.length, columns.length);
    if (!next || event.target !== event.currentTarget || !scroller.current) return;
    event.preventDefault();
    onActive(next);
    reveal(scroller.current, next, columnWidths);
  };
  const drawRow = (index: number, row: number) => (
    <tr key={index} aria-rowindex={row + 2}>
      {columns.map((_, column) => (
        <DataCell
          key={column}
          id={cellId({ row, column })}
          value={rows[index]?.[column] ?? ""}
          numeric={numeric[column] ?? false}
          isTick={ticks[column] ?? false}
          active={active?.row === row && active.column === column}
          onClick={() => onActive({ row, column })}
        />
      ))}
    </tr>
  );
  return (
    <div
      ref={scroller}
      class="scroll"
      onScroll={(event) => setFirst(Math.floor(event.currentTarget.scrollTop / ROW_PX))}
    >
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: ARIA defines a table as a grid
        role="grid"
        tabIndex={0}
        aria-label={strings.contents.table}
        aria-rowcount={shown.length + 1}
        aria-activedescendant={active ? cellId(active) : undefined}
        onKeyDown={onKeyDown}
      >
        <colgroup>
          {columnWidths.map((width, index) => (
            <col key={index} style={{ width: `${width}ch` }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((name, column) => (
              <Head key={column} {...{ name, column, order, onOrder }} numeric={numeric[column] ?? false} />
            ))}
          </tr>
        </thead>
        <Space rows={from} />
        <tbody>{shown.slice(from, to).map((index, offset) => drawRow(index, from + offset))}</tbody>
        <Space rows={shown.length - to} />
      </table>
    </div>
  );
}

interface DataCellProps {
  id: string;
  value: string;
  numeric: boolean;
  isTick: boolean;
  active: boolean;
  onClick(): void;
}

function DataCell({ id, value, numeric, isTick, active, onClick }: DataCellProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table handles the keys
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: within a grid, td is a gridcell
    <td id={id} dir="auto" class={numeric ? "number" : undefined} aria-selected={active} onClick={onClick}>
      {isTick && value !== "" ? <Tick on={value === "true"} /> : <Shown text={value.slice(0, CELL)} />}
    </td>
  );
}

/** In the place of rows that are not drawn. */
function Space({ rows }: { rows: number }) {
  if (rows <= 0) return null;
  return (
    <tbody aria-hidden="true">
      <tr style={{ height: `${rows * ROW_PX}px` }} />
    </tbody>
  );
}

interface HeadProps {
  name: string;
  column: number;
  numeric: boolean;
  order: Order | null;
  onOrder(order: Order | null): void;
}

/** Sorted up, then down, then as the rows came. */
function Head({ name, column, numeric, order, onOrder }: HeadProps) {
  const mine = order?.column === column ? order : null;
  const next = !mine ? { column, descending: false } : mine.descending ? null : { column, descending: true };
  return (
    <th
      scope="col"
      class={numeric ? "number" : undefined}
      aria-sort={!mine ? "none" : mine.descending ? "descending" : "ascending"}
    >
      <button type="button" dir="auto" title={shownText(name)} onClick={() => onOrder(next)}>
        <Shown text={name} />
        <span class="arrow" aria-hidden="true">
          {!mine ? "" : mine.descending ? " ↓" : " ↑"}
        </span>
      </button>
    </th>
  );
}
