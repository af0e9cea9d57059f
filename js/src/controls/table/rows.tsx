// biome-ignore-all lint/a11y/useSemanticElements: a <table> cannot leave rows out
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and tells which cell is meant
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid takes the keys
/** The head and the rows of a table. */
import type { Json, JsonObject } from "../../json";
import { Shown } from "../../shown";
import * as strings from "../../strings";
import { Tick } from "../../tick";
import { type FlawTree, messagesOf } from "../flaws";
import { Required } from "../labelled";
import { mayBeEmpty } from "../shape";
import { CellEditor } from "./cell-editor";
import type { Cell } from "./cells";
import { type Column, cellText } from "./columns";
import type { Sorting } from "./view";

interface HeadProps {
  columns: Column[];
  sorting: Sorting | null;
  onSort(sorting: Sorting | null): void;
}

export function Head({ columns, sorting, onSort }: HeadProps) {
  return (
    <div class="line head" role="row" aria-rowindex={1}>
      <span class="cell number" role="columnheader">
        <span class="unseen">{strings.table.row}</span>
      </span>
      {columns.map(({ name, label, hint, required, numeric, control }, index) => {
        const up = sorting?.column === index ? sorting.up : null;
        return (
          <span
            key={name}
            class={numeric ? "cell numeric" : "cell"}
            role="columnheader"
            aria-sort={up === null ? "none" : up ? "ascending" : "descending"}
          >
            <button
              type="button"
              class="sort"
              title={hint || strings.table.sort(label)}
              onClick={() => onSort(up === false ? null : { column: index, up: up === null })}
            >
              <Shown text={label} />
              {required && mayBeEmpty(control) && <Required />}
              <span aria-hidden="true">{up === null ? "" : up ? " ↑" : " ↓"}</span>
            </button>
          </span>
        );
      })}
    </div>
  );
}

interface RowProps {
  index: number;
  at: number;
  row: JsonObject;
  columns: Column[];
  flaws: FlawTree | undefined;
  /** The column of the selected cell, where the cell is in this row. */
  active: number | null;
  /** The text with which editing of the selected cell starts. */
  typed: string | null;
  id: string;
  onPick(cell: Cell): void;
  onFinish(text: string | null, by: Cell | null): void;
}

export function Row({ index, at, row, columns, flaws, active, typed, id, onPick, onFinish }: RowProps) {
  return (
    <div class="line" role="row" aria-rowindex={at + 2} style={{ "--at": at }}>
      <span class="cell number" role="rowheader">
        {index + 1}
      </span>
      {columns.map((column, number) => {
        const wrong = messagesOf(flaws?.below.get(column.name)).join("\n");
        const selected = number === active;
        return (
          <span
            key={column.name}
            id={`${id}-${index}-${number}`}
            class={column.numeric ? "cell numeric" : "cell"}
            role="gridcell"
            aria-selected={selected}
            aria-invalid={wrong !== ""}
            title={wrong || undefined}
            dir="auto"
            onClick={() => onPick({ row: at, column: number })}
          >
            {selected && typed !== null ? (
              <CellEditor
                column={column}
                label={strings.table.cell(index + 1, column.label)}
                start={typed}
                onFinish={onFinish}
              />
            ) : (
              <CellValue column={column} value={row.get(column.name)} />
            )}
          </span>
        );
      })}
    </div>
  );
}

function CellValue({ column: { control }, value }: { column: Column; value: Json | undefined }) {
  if (control.kind === "switch" && typeof value === "boolean") return <Tick on={value} />;
  return <Shown text={cellText(control, value)} />;
}
