/** The control to which a name refers, and whether a control draws a secret. */
import type { Control, JsonControl } from "../protocol";

type Named = { kind: "shared" } | { kind: "secret" };
export type Resolved = Exclude<Control, Named>;

/** For values that no further control draws. */
export const ANYTHING: JsonControl = { kind: "json", why: "" };

/** A name that leads nowhere, or round in a circle, is written as JSON. */
export function resolve(control: Control, shared: Readonly<Record<string, Control>>): Resolved {
  let found: Control = ANYTHING;
  for (found of steps(control, shared));
  return found.kind !== "shared" && found.kind !== "secret" ? found : ANYTHING;
}

/** Whether the value of the control must not be kept anywhere. */
export function isSecret(control: Control, shared: Readonly<Record<string, Control>>): boolean {
  for (const { kind } of steps(control, shared)) if (kind === "secret") return true;
  return false;
}

function* steps(control: Control, shared: Readonly<Record<string, Control>>): Iterable<Control> {
  const seen = new Set<Control>();
  let found: Control | undefined = control;
  while (found && !seen.has(found)) {
    yield found;
    seen.add(found);
    if (found.kind === "shared") found = shared[found.name];
    else if (found.kind === "secret") found = found.control;
  }
}
