/** Records as a table, sorted and filtered; below the table, the full text of a cell that is cut. */
import { useMemo, useState } from "preact/hooks";
import type { Grid } from "../protocol";
import { Shown } from "../shown";
import * as strings from "../strings";
import type { Cell } from "./grid-keys";
import { arrange, type Order } from "./grid-rows";
import { GridTable } from "./grid-table";

type Table = Pick<Grid, "columns" | "numeric" | "ticks" | "rows" | "more">;

/** Rows from which a filter is of use. */
const MANY = 8;

const text = strings.contents;

export function GridView({ columns, numeric, ticks, rows, more }: Table) {
  const [filter, setFilter] = useState("");
  const [order, setOrder] = useState<Order | null>(null);
  const [active, setActive] = useState<Cell | null>(null);
  const shown = useMemo(() => arrange(rows, filter, order, numeric), [rows, filter, order, numeric]);
  const cell = active && rows[shown[active.row] ?? -1]?.[active.column];
  const anew =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      setActive(null);
      set(value);
    };
  return (
    <div class="grid">
      {rows.length > MANY && <Filter value={filter} onFilter={anew(setFilter)} />}
      <GridTable
        {...{ columns, numeric, ticks, rows, shown, order, active }}
        onOrder={anew(setOrder)}
        onActive={setActive}
      />
      {cell && isCut(cell) && (
        <pre class="cell-text" dir="auto">
          <Shown text={cell} />
        </pre>
      )}
      <p class="hint" role="status">
        {text.rows(shown.length, rows.length, more)}
      </p>
    </div>
  );
}

/** Whether a cell may show only a part of the text. */
function isCut(cell: string): boolean {
  return cell.length > 30 || cell.includes("\n");
}

function Filter({ value, onFilter }: { value: string; onFilter(value: string): void }) {
  return (
    <input
      type="search"
      class="field filter"
      aria-label={text.filter}
      placeholder={text.filter}
      autocomplete="off"
      dir="auto"
      value={value}
      onInput={(event) => onFilter(event.currentTarget.value)}
    />
  );
}
