// biome-ignore-all lint/a11y/useSemanticElements: a <table> cannot leave rows out
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and tells which cell is meant
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid takes the keys
/** A list of records as a table: only the rows that are in sight are drawn. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { focusedIn } from "../../focus";
import type { JsonObject } from "../../json";
import * as strings from "../../strings";
import { FlawLines, type FlawTree, flawsId, messagesOf } from "../flaws";
import { Head, Row } from "./rows";
import { ROW, SEEN, type TableProps, useTable } from "./use-table";

const text = strings.table;

/** Rows drawn beyond the visible rows, so that none is missing while a person scrolls. */
const SPARE = 8;
/** Number of rows from which a search is offered. */
const MANY = 8;

export function TableView(props: TableProps) {
  const { columns, place, flaws, readOnly } = props;
  const grid = useRef<HTMLDivElement>(null);
  const [top, scroll] = useState(0);
  const table = useTable(props, grid);
  const { rows, order, at, typed } = table;
  const first = Math.max(0, Math.floor(top / ROW) - SPARE);
  const last = Math.floor(top / ROW) + SEEN + SPARE;
  useLayoutEffect(() => {
    const flawed = flaws && firstFlaw(flaws, order, props);
    if (flawed && !grid.current?.matches(":focus-within")) table.go(flawed);
  }, [flaws]);
  const onGrid = <E extends Event>(handle: (event: E) => void) => {
    return (event: E) => event.target === grid.current && handle(event);
  };
  // Once a cell was edited, the browser sends clipboard events to the element with the selection: any cell.
  const onClipboard = (handle: (event: ClipboardEvent) => void) => {
    return (event: ClipboardEvent) => grid.current === focusedIn(grid.current) && handle(event);
  };
  return (
    <div class="records">
      <Above table={table} />
      <div
        ref={grid}
        id={place.id}
        class="sheet"
        role="grid"
        tabIndex={0}
        aria-labelledby={props.labelledBy}
        aria-describedby={[`${place.id}-help`, flaws && flawsId(place)].filter(Boolean).join(" ")}
        aria-rowcount={order.length + 1}
        aria-colcount={columns.length + 1}
        aria-readonly={readOnly}
        aria-activedescendant={
          order.length > 0 && typed === null ? `${place.id}-${order[at.row]}-${at.column}` : undefined
        }
        data-flawed={flaws ? "" : undefined}
        style={{
          "--columns": columns.map(({ width }) => `minmax(calc(${width}ch + 13px), ${width}fr)`).join(" "),
        }}
        onKeyDown={onGrid(table.onKeyDown)}
        onPaste={onClipboard((event) => {
          event.preventDefault();
          table.paste(event.clipboardData?.getData("text/plain") ?? "");
        })}
        onCopy={onClipboard((event) => {
          event.preventDefault();
          event.clipboardData?.setData("text/plain", table.shown);
        })}
        onScroll={({ currentTarget }) => scroll(currentTarget.scrollTop)}
      >
        <Head columns={columns} sorting={table.sorting} onSort={table.sort} />
        <div class="body" role="presentation" style={{ height: `${order.length * ROW}px` }}>
          {order.slice(first, last).map((index, offset) => (
            <Row
              key={index}
              index={index}
              at={first + offset}
              row={rows[index] as JsonObject}
              columns={columns}
              flaws={flaws?.below.get(String(index))}
              active={first + offset === at.row ? at.column : null}
              typed={first + offset === at.row ? typed : null}
              id={place.id}
              onPick={table.pick}
              onFinish={table.finish}
            />
          ))}
        </div>
      </div>
      <Below table={table} helpId={`${place.id}-help`} />
      <FlawLines place={place} messages={rowMessages(flaws)} />
      <p class="unseen" role="status">
        {table.said}
      </p>
    </div>
  );
}

type Table = ReturnType<typeof useTable>;

function Above({ table: { rows, order, filter, search } }: { table: Table }) {
  return (
    <div class="above">
      {rows.length > MANY && (
        <input
          type="search"
          class="field filter"
          placeholder={text.filter}
          aria-label={text.filter}
          value={filter}
          onInput={({ currentTarget: { value } }) => search(value)}
        />
      )}
      <span class="hint" role="status">
        {order.length === rows.length ? text.rows(rows.length) : text.rowsOf(order.length, rows.length)}
      </span>
    </div>
  );
}

function Below({ table, helpId }: { table: Table; helpId: string }) {
  return (
    <div class="add">
      <button type="button" class="quiet" aria-disabled={!table.canAdd} onClick={table.add}>
        <span aria-hidden="true">+ </span>
        {text.addRow}
      </button>
      <button type="button" class="quiet" aria-disabled={!table.canRemove} onClick={table.remove}>
        {text.removeRow}
      </button>
      <span id={helpId} class="unseen">
        {text.help}
      </span>
    </div>
  );
}

/** Where the first flaw is seen. */
function firstFlaw({ below }: FlawTree, order: number[], { columns }: TableProps) {
  const row = order.findIndex((index) => below.has(String(index)));
  const cells = below.get(String(order[row]))?.below;
  return row < 0
    ? null
    : {
        row,
        column: Math.max(
          0,
          columns.findIndex(({ name }) => cells?.has(name)),
        ),
      };
}

/** Flaws told below the table; more are found at their cells. */
const MOST = 5;

function rowMessages(flaws: FlawTree | undefined): string[] {
  if (!flaws) return [];
  const rows = [...flaws.below].flatMap(([row, tree]) =>
    messagesOf(tree).map((message) => text.flawed(Number(row) + 1, message)),
  );
  const all = [...flaws.messages, ...rows];
  return all.length > MOST ? [...all.slice(0, MOST), strings.forms.more(all.length - MOST)] : all;
}
