/** A link, together with the actual host of the address. */
import type { ComponentChildren } from "preact";
import { targetOf, tellsHost } from "../links";
import type { Link } from "../protocol";
import { Shown, shownText } from "../shown";
import * as strings from "../strings";

export function LinkView({ url, label }: Pick<Link, "url" | "label">) {
  return (
    <p class="prose" dir="auto">
      <Anchor url={url} label={label || url} />
    </p>
  );
}

interface AnchorProps {
  url: string;
  /** The text of the link; `children` draws the link where more than text is needed. */
  label: string;
  children?: ComponentChildren;
}

/** Text with an unusable address stays text, followed by the address, so that nothing is hidden. */
export function Anchor({ url, label, children = <Shown text={label} /> }: AnchorProps) {
  const target = targetOf(url);
  if (!target)
    return (
      <span>
        {children}
        {label !== url && (
          <span class="host">
            {" ("}
            <Shown text={url} />)
          </span>
        )}
      </span>
    );
  return (
    <>
      <a href={target.href} target="_blank" rel="noopener noreferrer" title={shownText(target.href)}>
        {children}
      </a>
      {!tellsHost(label, target) && (
        <span
          class={target.odd ? "host odd" : "host"}
          title={target.odd ? strings.contents.oddHost : undefined}
        >
          {" ("}
          <bdi>
            <Shown text={target.host} />
          </bdi>
          {")"}
        </span>
      )}
    </>
  );
}
