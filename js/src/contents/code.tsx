/** Program text, coloured by the part that reads Markdown (see markdown-part.ts). */
import { parts } from "../parts";
import type { Code } from "../protocol";
import { Shown } from "../shown";
import { useCut } from "./cut";
import type { Piece } from "./highlight";

const LIMIT = 8_000;

export function CodeView({ text, language }: Pick<Code, "text" | "language">) {
  const { shown, more } = useCut(text, LIMIT);
  const plain: Piece[] = [{ look: null, text: shown }];
  const pieces = parts.markdown.value?.highlight(shown, language) ?? plain;
  return (
    <div class="code-block">
      {language && (
        <p class="language">
          <Shown text={language} />
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard */}
      <pre dir="ltr" tabIndex={0}>
        <code>
          {pieces.map(({ look, text: part }, index) =>
            look ? (
              <span key={index} class={`tok-${look}`}>
                <Shown text={part} />
              </span>
            ) : (
              <Shown key={index} text={part} />
            ),
          )}
        </code>
      </pre>
      {more}
    </div>
  );
}
