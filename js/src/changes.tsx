/** A word diff, drawn. Struck and underlined, so that colour is not all that tells. */
import { useMemo } from "preact/hooks";
import { compare, type Part } from "./diff";
import { strings } from "./strings";

export function Changes({ original, revised }: { original: string; revised: string }) {
  const parts = useMemo(() => compare(original, revised), [original, revised]);
  if (!parts) return <p class="hint">{strings.question.tooDifferent}</p>;
  return (
    <div class="changes" dir="auto">
      {parts.map(drawPart)}
    </div>
  );
}

function drawPart({ kind, text }: Part) {
  switch (kind) {
    case "same":
      return text;
    case "added":
      return <ins>{visible(text)}</ins>;
    case "removed":
      return <del>{visible(text)}</del>;
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
