/** A word diff, with removed words struck and added words underlined: colour is not the only sign. */
import { useMemo } from "preact/hooks";
import { compare, type Part } from "./diff";
import { Shown } from "./shown";
import { rowsOf } from "./side-by-side";
import * as strings from "./strings";

interface Props {
  original: string;
  revised: string;
  /** In two columns. */
  beside?: boolean;
}

export function Changes({ original, revised, beside = false }: Props) {
  const parts = useMemo(() => compare(original, revised), [original, revised]);
  if (!parts) return <p class="hint">{strings.question.tooDifferent}</p>;
  if (beside) return <Beside parts={parts} />;
  return (
    <div class="changes" dir="auto">
      <Pieces parts={parts} />
    </div>
  );
}

function Beside({ parts }: { parts: Part[] }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard
    <div class="changes beside-changes" tabIndex={0} role="group" aria-label={strings.review.sideBySide}>
      <table>
        <thead>
          <tr>
            <th scope="col">{strings.review.original}</th>
            <th scope="col">{strings.review.revised}</th>
          </tr>
        </thead>
        <tbody>
          {rowsOf(parts).map(({ before, after }, index) => (
            <tr key={index}>
              <td dir="auto">
                <Pieces parts={before} />
              </td>
              <td dir="auto">
                <Pieces parts={after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Pieces({ parts }: { parts: Part[] }) {
  return (
    <>
      {parts.map((part, index) => (
        <Piece key={index} part={part} />
      ))}
    </>
  );
}

function Piece({ part: { kind, text } }: { part: Part }) {
  switch (kind) {
    case "same":
      return <Shown text={text} />;
    case "added":
      return (
        <ins>
          <Shown text={visible(text)} />
        </ins>
      );
    case "removed":
      return (
        <del>
          <Shown text={visible(text)} />
        </del>
      );
    case "skipped":
      return <span class="skipped">{" … "}</span>;
    default:
      return kind satisfies never;
  }
}

/** A change of white space alone would be invisible. */
function visible(text: string): string {
  if (text.trim() !== "") return text;
  return text.replaceAll("\n", "↵\n").replaceAll("\t", "→\t").replaceAll(" ", "·");
}
