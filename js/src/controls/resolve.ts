/** The control that a name stands for. */
import type { Control, JsonControl } from "../protocol";

export type Resolved = Exclude<Control, { kind: "shared" }>;

/** For what no other control draws. */
export const ANYTHING: JsonControl = { kind: "json", why: "" };

/** A name that leads nowhere, or round in a circle, is written as JSON. */
export function resolve(control: Control, shared: Readonly<Record<string, Control>>): Resolved {
  const seen = new Set<string>();
  let found: Control | undefined = control;
  while (found?.kind === "shared" && !seen.has(found.name)) {
    seen.add(found.name);
    found = shared[found.name];
  }
  return found && found.kind !== "shared" ? found : ANYTHING;
}
