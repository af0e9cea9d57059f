/**
 * A fold whose content is requested from the kernel once opened, and the text until the content has arrived.
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { RefusedMessage } from "./protocol";
import { Shown } from "./shown";
import * as strings from "./strings";

/** The state of requested content of kind `R`; `late`: the kernel has not answered in time. */
export type Loaded<R> = { kind: "loading" } | { kind: "late" } | R | RefusedMessage;

interface Props {
  title: string;
  class?: string;
  children: ComponentChildren;
}

/** The content is drawn only while the fold is open. */
export function Unfolding({ title, class: name = "", children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details class={`unfolding ${name}`} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open && children}
    </details>
  );
}

/** The text until the content has arrived. */
export function NotYet({ loaded }: { loaded: { kind: "loading" } | { kind: "late" } | RefusedMessage }) {
  if (loaded.kind !== "refused") return <p class="hint">{strings.snippets[loaded.kind]}</p>;
  return (
    <p class="problem" role="alert" dir="auto">
      <Shown text={loaded.problem.message} />
    </p>
  );
}
