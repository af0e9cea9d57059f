/** A JSON value as a tree of which little is drawn at once: large lists and objects come in slices. */
import { isList, isObject, type Json, type JsonObject, Num } from "../json";

export interface Node {
  /** A JSON Pointer, slices included. */
  id: string;
  parent: Node | null;
  /** `null` for the whole. */
  key: string | null;
  value: Json;
  /** The range of members of `value`, where the node is a slice of a large value. */
  slice: { from: number; to: number } | null;
  level: number;
  place: number;
  siblings: number;
}

const SLICE = 100;
/** Characters of a text beyond which the text must be opened. */
export const LONG_TEXT = 200;
/** Rows that are open at first. */
const OPEN_ROWS = 24;
/** Bounds of a search. */
const MOST_NODES = 2_000_000;
const MOST_FOUND = 1_000;

export function rootOf(value: Json): Node {
  return { id: "", parent: null, key: null, value, slice: null, level: 0, place: 1, siblings: 1 };
}

export function sizeOf(value: Json): number {
  return isList(value) ? value.length : isObject(value) ? value.size : 0;
}

/** Whether the node has more to show. */
export function isOpenable({ value }: Node): boolean {
  return typeof value === "string" ? value.length > LONG_TEXT : sizeOf(value) > 0;
}

export function childrenOf(node: Node): Node[] {
  const { from, to } = node.slice ?? { from: 0, to: sizeOf(node.value) };
  const count = to - from;
  if (count <= SLICE)
    return entriesOf(node.value, from, to).map(([key, value], i) => child(node, key, value, i, count));
  let step = SLICE;
  while (count / step > SLICE) step *= SLICE;
  const slices = Math.ceil(count / step);
  return Array.from({ length: slices }, (_, index) => {
    const start = from + index * step;
    const slice = { from: start, to: Math.min(start + step, to) };
    return { ...child(node, `~${slice.from}-${slice.to}`, node.value, index, slices), slice };
  });
}

function child(parent: Node, key: string, value: Json, index: number, siblings: number): Node {
  const id = `${parent.id}/${key.replaceAll("/", "~1")}`;
  return { id, parent, key, value, slice: null, level: parent.level + 1, place: index + 1, siblings };
}

/** The entries of large objects, which are needed for each slice. */
const entries = new WeakMap<JsonObject, [string, Json][]>();

function entriesOf(value: Json, from: number, to: number): [string, Json][] {
  if (isList(value)) return value.slice(from, to).map((item, index) => [String(from + index), item]);
  if (!isObject(value)) return [];
  if (value.size <= SLICE) return [...value];
  const all = entries.get(value) ?? [...value];
  entries.set(value, all);
  return all.slice(from, to);
}

/** The rows that are drawn, from top to bottom. */
export function rowsOf(root: Node, open: ReadonlySet<string>): Node[] {
  const below = (node: Node): Node[] =>
    open.has(node.id) ? childrenOf(node).flatMap((one) => [one, ...below(one)]) : [];
  return below(root);
}

/** The root, and as many members as fit a first look, level by level. */
export function openAtFirst(root: Node): Set<string> {
  const open = new Set([root.id]);
  let level = childrenOf(root);
  let rows = level.length;
  while (level.length > 0) {
    const next: Node[] = [];
    for (const node of level) {
      if (typeof node.value === "string" || node.slice || rows + sizeOf(node.value) > OPEN_ROWS) continue;
      open.add(node.id);
      next.push(...childrenOf(node));
      rows += sizeOf(node.value);
    }
    level = next;
  }
  return open;
}

/** A scalar as written; a text without the quotes. */
export function scalarText(value: Json): string | null {
  if (typeof value === "string") return value;
  if (value instanceof Num) return value.text;
  return value === null || typeof value === "boolean" ? String(value) : null;
}

/** The nodes whose key or text contains the term, from top to bottom. */
export function find(root: Node, term: string): Node[] {
  const sought = term.trim().toLowerCase();
  if (sought === "") return [];
  const found: Node[] = [];
  const waiting = childrenOf(root).reverse();
  for (let seen = 0; seen < MOST_NODES && found.length < MOST_FOUND; seen += 1) {
    const node = waiting.pop();
    if (!node) break;
    if (!node.slice && contains(node, sought)) found.push(node);
    waiting.push(...childrenOf(node).reverse());
  }
  return found;
}

function contains({ key, value }: Node, sought: string): boolean {
  const texts = [key, scalarText(value)];
  return texts.some((text) => text?.toLowerCase().includes(sought));
}

export function ancestorsOf(node: Node): string[] {
  return node.parent ? [...ancestorsOf(node.parent), node.parent.id] : [];
}

/** Whether a value is large enough for a search. */
export function isLarge(value: Json): boolean {
  let rest = 20;
  const count = (one: Json): void => {
    const inner = isList(one) ? one : isObject(one) ? one.values() : [];
    for (const item of inner) {
      rest -= 1;
      if (rest < 0) return;
      count(item);
    }
  };
  count(value);
  return rest < 0;
}
