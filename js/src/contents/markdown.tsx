/** Text in Markdown: the code that reads and draws Markdown is a part (see markdown-part.ts). */
import { useMemo } from "preact/hooks";
import { isRaster } from "../links";
import { parts } from "../parts";
import { Shown } from "../shown";
import * as strings from "../strings";
import { CodeView } from "./code";
import { scrolls } from "./cut";
import { ImageView } from "./image";
import { Anchor } from "./link";
import { Formula } from "./math";

const LEAVES = { Anchor, CodeView, Formula, ImageView, Shown, isRaster, texts: strings.contents };

/** As written until the part has come. */
export function Markdown({ text }: { text: string }) {
  const part = parts.markdown.value;
  const tokens = useMemo(() => part?.read(text), [text, part]);
  if (!part || !tokens)
    return (
      <p class="prose" dir="auto">
        <Shown text={text} />
      </p>
    );
  return (
    <div class="markdown" tabIndex={scrolls(text)}>
      <part.MarkdownView tokens={tokens} leaves={LEAVES} />
    </div>
  );
}
