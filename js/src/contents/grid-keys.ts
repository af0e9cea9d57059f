/** The keys of a table: the next cell for each key, and scrolling to that cell. */

export interface Cell {
  row: number;
  column: number;
}

export const ROW_PX = 24;
/** Rows that are seen at once, about. */
export const SEEN = 14;

export function moved(key: string, active: Cell | null, rows: number, columns: number): Cell | null {
  const { row, column } = active ?? { row: -1, column: 0 };
  const targets: Record<string, Cell> = {
    ArrowDown: { row: row + 1, column },
    ArrowUp: { row: row - 1, column },
    ArrowRight: { row, column: column + 1 },
    ArrowLeft: { row, column: column - 1 },
    PageDown: { row: row + SEEN - 1, column },
    PageUp: { row: row - SEEN + 1, column },
    Home: { row, column: 0 },
    End: { row, column: columns - 1 },
  };
  const target = targets[key];
  if (!target || rows === 0) return null;
  const within = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  return { row: within(target.row, rows), column: within(target.column, columns) };
}

/** Scroll by rows whose height is known: the cell itself may not be drawn yet. */
export function reveal(scroller: HTMLElement, { row, column }: Cell, columnWidths: number[]): void {
  const top = row * ROW_PX;
  const seen = scroller.clientHeight - ROW_PX; // below the head, which stays
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top + ROW_PX > scroller.scrollTop + seen) scroller.scrollTop = top + ROW_PX - seen;
  const sum = (widths: number[]) => widths.reduce((total, width) => total + width, 0);
  const share = scroller.scrollWidth / Math.max(1, sum(columnWidths));
  const [left, right] = [
    sum(columnWidths.slice(0, column)) * share,
    sum(columnWidths.slice(0, column + 1)) * share,
  ];
  if (left < Math.abs(scroller.scrollLeft)) scroller.scrollLeft = left;
  else if (right > Math.abs(scroller.scrollLeft) + scroller.clientWidth)
    scroller.scrollLeft = right - scroller.clientWidth;
}
