/** Flaws, by the place that draws each flaw. */
import type { Flaw } from "../protocol";
import { Shown } from "../shown";
import { keyOf, type Place } from "./place";

export interface FlawTree {
  messages: string[];
  below: Map<string, FlawTree>;
}

/** The flaws at and below a path as a tree; `undefined` where there are none. */
export function flawTree(flaws: readonly Flaw[], start: readonly string[]): FlawTree | undefined {
  const root = emptyTree();
  for (const { path, message } of flaws) {
    if (!start.every((key, index) => path[index] === key)) continue;
    let tree = root;
    for (const key of path.slice(start.length)) {
      const next = tree.below.get(key) ?? emptyTree();
      tree.below.set(key, next);
      tree = next;
    }
    tree.messages.push(message);
  }
  return root.messages.length + root.below.size > 0 ? root : undefined;
}

function emptyTree(): FlawTree {
  return { messages: [], below: new Map() };
}

/** The flaws at changed places, above and below; `base` is the path of the form. */
export function touchedOnly(
  flaws: readonly Flaw[],
  touched: ReadonlySet<string>,
  base: readonly string[],
): readonly Flaw[] {
  const changed = [...touched];
  return flaws.filter(({ path }) => {
    const key = keyOf(path.slice(base.length));
    return changed.some((one) => key.startsWith(one) || one.startsWith(key));
  });
}

/** Every message at and below, with the path from here. */
export function messagesOf(tree: FlawTree | undefined, drawn?: ReadonlySet<string>, path = ""): string[] {
  if (!tree) return [];
  const own = tree.messages.map((message) => (path ? `${path}: ${message}` : message));
  const below = [...tree.below].filter(([key]) => !drawn?.has(key));
  return [
    ...own,
    ...below.flatMap(([key, inner]) => messagesOf(inner, undefined, path ? `${path}.${key}` : key)),
  ];
}

export function flawsId(place: Place): string {
  return `${place.id}-flaws`;
}

export function FlawLines({ place, messages }: { place: Place; messages: string[] }) {
  if (messages.length === 0) return null;
  return (
    <ul id={flawsId(place)} class="flaws">
      {messages.map((message) => (
        <li key={message} class="flaw">
          <bdi>
            <Shown text={message} />
          </bdi>
        </li>
      ))}
    </ul>
  );
}
