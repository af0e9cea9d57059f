/** The controls of a form. Each control is a view of a place in the JSON text of the answer. */
import { useId, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Control, Flaw } from "../protocol";
import { ControlAt } from "./control-at";
import { flawTree, touchedOnly } from "./flaws";
import { giveFocus } from "./focus";
import { Form, FormMemory, valueIn } from "./place";
import { Summary } from "./summary";

export interface ControlViewProps {
  control: Control;
  shared: Record<string, Control>;
  /** The JSON text of this place; unchanged parts keep their spelling. */
  text: string;
  /** The text at the beginning. */
  original: string;
  onText(text: string): void;
  /** The flaws of the whole answer; drawn where the path begins with `path`. */
  flaws: readonly Flaw[];
  /** Where this place stands in the answer. */
  path: readonly string[];
  /** Whether flaws are drawn everywhere, not only where something was changed. */
  all: boolean;
  readOnly: boolean;
  /** Names the form for screen readers; `labelledBy`, the id of an element, goes before the name. */
  label: string;
  labelledBy?: string | undefined;
  describedBy?: string | undefined;
  /** For the outermost control. */
  id?: string | undefined;
}

export function ControlView({
  control,
  shared,
  text,
  original,
  flaws,
  path,
  all,
  readOnly,
  ...props
}: ControlViewProps) {
  const own = useId();
  const id = props.id ?? own;
  const labelId = props.labelledBy ?? `${id}-name`;
  const memory = useMemo(() => new FormMemory(), []);
  const form = useMemo(() => new Form(id, shared, original, memory), [id, shared, original]);
  const node = useMemo(() => valueIn(text), [text]);
  const count = memory.touched.size;
  const shown = useMemo(() => (all ? flaws : touchedOnly(flaws, memory.touched, path)), [flaws, all, count]);
  const tree = useMemo(() => flawTree(shown, path), [shown]);
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    Object.assign(memory, { value: node, readOnly, onText: props.onText });
    if (memory.focusNext === null || !root.current) return;
    giveFocus(root.current, memory.focusNext);
    memory.focusNext = null;
  });
  return (
    <div ref={root} class="form">
      {props.labelledBy === undefined && (
        <span id={labelId} class="unseen">
          {props.label}
        </span>
      )}
      {all && <Summary form={form} control={control} flaws={shown} path={path} />}
      <ControlAt
        control={control}
        place={form.root}
        node={node}
        flaws={tree}
        readOnly={readOnly}
        labelledBy={labelId}
        describedBy={props.describedBy}
      />
    </div>
  );
}
