/** Flaws under a field with a single text, each with the place in words. */
import type { Flaw } from "../protocol";
import { Shown } from "../shown";

export function FlawList({ id, flaws }: { id: string; flaws: readonly Flaw[] }) {
  if (flaws.length === 0) return null;
  return (
    <ul id={id} class="flaws" aria-live="polite">
      {flaws.map(({ path, message }) => (
        <li key={`${path.join("\n")} ${message}`} class="flaw" dir="auto">
          {path.length > 0 && (
            <code>
              <Shown text={path.join(".")} />
            </code>
          )}{" "}
          <Shown text={message} />
        </li>
      ))}
    </ul>
  );
}
