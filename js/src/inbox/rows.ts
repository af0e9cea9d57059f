/** The rows of an inbox as they are shown: searched, sorted, and the opened row in the former place. */
import type { InboxRow } from "../protocol";

export type Order = "newest" | "oldest" | "tool" | "node";

export const ORDERS: readonly Order[] = ["newest", "oldest", "tool", "node"];

const compare: Record<Order, (a: InboxRow, b: InboxRow) => number> = {
  newest: (a, b) => b.since.localeCompare(a.since),
  oldest: (a, b) => a.since.localeCompare(b.since),
  tool: (a, b) => a.tool.localeCompare(b.tool) || b.since.localeCompare(a.since),
  node: (a, b) => a.node.localeCompare(b.node) || b.since.localeCompare(a.since),
};

/** All words must stand somewhere in a row, in any case. */
export function search(rows: readonly InboxRow[], words: string): InboxRow[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...rows];
  return rows.filter((row) => {
    const text = [row.asked, row.tool, row.node, row.assistant, row.failed, row.thread, row.text]
      .join("\n")
      .toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

export type Kept = "tool" | "node" | "assistant";

export const KEPT: readonly Kept[] = ["tool", "node", "assistant"];

/** The values that rows can be kept by; a row of several tools has several. */
export function valuesOf(rows: readonly InboxRow[], by: Kept): string[] {
  const all = rows.flatMap((row) => partsOf(row[by]));
  return [...new Set(all)].sort((a, b) => a.localeCompare(b));
}

/** The rows with the chosen values; where nothing is chosen, all. */
export function kept(rows: readonly InboxRow[], chosen: Partial<Record<Kept, string>>): InboxRow[] {
  return rows.filter((row) => KEPT.every((by) => !chosen[by] || partsOf(row[by]).includes(chosen[by])));
}

function partsOf(value: string): string[] {
  return value.split(", ").filter(Boolean);
}

export function sorted(rows: readonly InboxRow[], order: Order): InboxRow[] {
  return [...rows].sort(compare[order]);
}

/** The most threads that a single card asks together. */
export const TOGETHER = 50;

/** Further rows that the same answer may fit, without the rows that somebody else answers. */
export function alikeTo(rows: readonly InboxRow[], { thread, alike }: InboxRow): InboxRow[] {
  if (alike === "") return [];
  const others = rows.filter((row) => row.alike === alike && row.thread !== thread && row.answering === "");
  return others.slice(0, TOGETHER - 1);
}

/** The opened row keeps its place, also when the thread does not wait any more: the card tells the outcome. */
export function withOpened(rows: readonly InboxRow[], opened: InboxRow | null, at: number): InboxRow[] {
  if (opened === null || rows.some(({ thread }) => thread === opened.thread)) return [...rows];
  const place = Math.min(at, rows.length);
  return [...rows.slice(0, place), opened, ...rows.slice(place)];
}

/** "3 min", since when a thread waits. */
export function age(since: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(since)) / 1000);
  if (Number.isNaN(seconds)) return "";
  if (seconds < 60) return "now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
