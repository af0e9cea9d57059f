/** A mapping: each value under the key. Narrow values stand side by side. */
import type { Content, Parts } from "../protocol";
import { Shown } from "../shown";
import { Contents } from "./index";

export function PartsView({ parts }: Pick<Parts, "parts">) {
  return (
    <dl class="parts">
      {parts.map(({ label, shows }, index) => (
        <div key={index} class={shows.every(isNarrow) ? "part beside" : "part"}>
          <dt dir="auto">
            <Shown text={label} />
          </dt>
          <dd>
            <Contents shows={shows} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function isNarrow(content: Content): boolean {
  switch (content.kind) {
    case "prose":
      return content.text.length < 600;
    case "tree":
    case "link":
      return true;
    default:
      return false;
  }
}
