/** A JSON value to look into: by keyboard as any tree, and with a search. */
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { isList, type Json, JsonError, parse } from "../json";
import type { Tree } from "../protocol";
import { Shown } from "../shown";
import * as strings from "../strings";
import { CodeView } from "./code";
import {
  ancestorsOf,
  childrenOf,
  isLarge,
  isOpenable,
  LONG_TEXT,
  type Node,
  openAtFirst,
  rootOf,
  rowsOf,
  scalarText,
  sizeOf,
} from "./tree-nodes";
import { TreeSearch } from "./tree-search";

const text = strings.contents;

export function TreeView({ text: source }: Pick<Tree, "text">) {
  const value = useMemo(() => read(source), [source]);
  if (value === undefined) return <CodeView text={source} language="json" />;
  if (sizeOf(value) === 0)
    return (
      <p class="prose scalar" dir="auto">
        <Value value={value} open />
      </p>
    );
  return <Explorer key={source} value={value} />;
}

/** `undefined` for a text that is not JSON, which is shown unchanged. */
function read(source: string): Json | undefined {
  try {
    return parse(source);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function Explorer({ value }: { value: Json }) {
  const root = useMemo(() => rootOf(value), [value]);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openAtFirst(root));
  const [active, setActive] = useState<string | null>(null);
  const [found, setFound] = useState<string | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  const wantsFocus = useRef(false);
  const rows = useMemo(() => rowsOf(root, open), [root, open]);

  useLayoutEffect(() => {
    if (wantsFocus.current) tree.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    wantsFocus.current = false;
  }, [active]);
  useLayoutEffect(() => {
    if (found !== null) tree.current?.querySelector(".found")?.scrollIntoView?.({ block: "nearest" });
  }, [found]);

  const toggle = (node: Node, to = !open.has(node.id)) => {
    if (!isOpenable(node)) return;
    const next = new Set(open);
    if (to) next.add(node.id);
    else next.delete(node.id);
    setOpen(next);
  };
  const reveal = (node: Node | null) => {
    setFound(node?.id ?? null);
    if (!node) return;
    setOpen(new Set([...open, ...ancestorsOf(node)]));
    setActive(node.id);
  };
  const current = rows.some(({ id }) => id === active) ? active : rows[0]?.id;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = stepOf(
      event.key,
      rows,
      rows.findIndex(({ id }) => id === current),
      open,
    );
    if (!step) return;
    event.preventDefault();
    if (step.toggle) toggle(step.node);
    wantsFocus.current = step.node.id !== active;
    setActive(step.node.id);
  };
  return (
    <div class="tree">
      {isLarge(value) && <TreeSearch root={root} onFound={reveal} />}
      <div ref={tree} class="tree-rows" role="tree" aria-label={text.tree} onKeyDown={onKeyDown}>
        {rows.map((node) => (
          <Row
            key={node.id}
            node={node}
            open={open.has(node.id)}
            current={node.id === current}
            found={node.id === found}
            onClick={() => {
              setActive(node.id);
              toggle(node);
            }}
          />
        ))}
      </div>
    </div>
  );
}

interface Step {
  node: Node;
  toggle: boolean;
}

/** The node to which a key leads, by the common rules of trees. */
function stepOf(key: string, rows: Node[], index: number, open: ReadonlySet<string>): Step | null {
  const node = rows[index];
  if (!node) return null;
  const to = (target: Node | undefined): Step | null => (target ? { node: target, toggle: false } : null);
  const isOpen = open.has(node.id);
  switch (key) {
    case "ArrowDown":
      return to(rows[index + 1]);
    case "ArrowUp":
      return to(rows[index - 1]);
    case "Home":
      return to(rows[0]);
    case "End":
      return to(rows.at(-1));
    case "ArrowRight":
      return isOpen ? to(childrenOf(node)[0]) : { node, toggle: isOpenable(node) };
    case "ArrowLeft":
      return isOpen ? { node, toggle: true } : to(rows.find(({ id }) => id === node.parent?.id));
    case "Enter":
    case " ":
      return { node, toggle: true };
    default:
      return null;
  }
}

interface RowProps {
  node: Node;
  open: boolean;
  current: boolean;
  found: boolean;
  onClick(): void;
}

function Row({ node, open, current, found, onClick }: RowProps) {
  const { key, value, slice, level, place, siblings } = node;
  const openable = isOpenable(node);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys
    <div
      class={found ? "row found" : "row"}
      role="treeitem"
      tabIndex={current ? 0 : -1}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-expanded={openable ? open : undefined}
      aria-selected={current}
      style={{ "--level": Math.min(level - 1, 20) }}
      onClick={onClick}
    >
      <span class="twisty" aria-hidden="true">
        {openable ? (open ? "▾" : "▸") : ""}
      </span>
      {slice ? (
        <span class="count">{text.slice(slice.from, slice.to - 1)}</span>
      ) : (
        <>
          <bdi class="key">
            <Shown text={key ?? ""} />
          </bdi>
          <span class="colon">: </span>
          <bdi class="value">
            <Value value={value} open={open} />
          </bdi>
        </>
      )}
    </div>
  );
}

function Value({ value, open }: { value: Json; open: boolean }) {
  if (typeof value === "string") return <Words value={value} open={open} />;
  const scalar = scalarText(value);
  if (scalar !== null)
    return <span class={/^[tfn]/.test(scalar) ? "tok-keyword" : "tok-number"}>{scalar}</span>;
  const size = sizeOf(value);
  if (size === 0) return <span>{isList(value) ? "[]" : "{}"}</span>;
  return <span class="count">{isList(value) ? text.items(size) : text.keys(size)}</span>;
}

function Words({ value, open }: { value: string; open: boolean }) {
  const cut = !open && value.length > LONG_TEXT;
  return (
    <span class="tok-string">
      "<Shown text={cut ? value.slice(0, LONG_TEXT) : value} />
      {cut ? <span class="count">… {text.showAll(value.length.toLocaleString())}</span> : '"'}
    </span>
  );
}
