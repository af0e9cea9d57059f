/** The search of a tree: each match is opened and scrolled into view, in turn. */
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { isComposing } from "../keyboard";
import * as strings from "../strings";
import { find, type Node } from "./tree-nodes";

const text = strings.contents;

export function TreeSearch({ root, onFound }: { root: Node; onFound(node: Node | null): void }) {
  const [term, setTerm] = useState("");
  const [index, setIndex] = useState(0);
  const found = useMemo(() => find(root, term), [root, term]);
  useLayoutEffect(() => onFound(found[index] ?? null), [found, index]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || isComposing(event)) return;
    event.preventDefault();
    setIndex((index + (event.shiftKey ? found.length - 1 : 1)) % Math.max(1, found.length));
  };
  return (
    <div class="search">
      <input
        type="search"
        class="field filter"
        aria-label={text.search}
        placeholder={text.search}
        autocomplete="off"
        dir="auto"
        value={term}
        onKeyDown={onKeyDown}
        onInput={({ currentTarget: { value } }) => {
          setTerm(value);
          setIndex(0);
        }}
      />
      <span class="hint" role="status">
        {term.trim() === "" ? "" : text.found(found.length && index + 1, found.length)}
      </span>
    </div>
  );
}
