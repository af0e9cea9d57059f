/** The outcome of the run: the result on a line that unfolds; an error in full. */
import type { PhaseEntry } from "./protocol";
import { Shown } from "./shown";
import * as strings from "./strings";

export function Outcome({ phase }: { phase: PhaseEntry }) {
  switch (phase.kind) {
    case "finished":
      return <Result text={phase.result} gist={phase.gist} />;
    case "failed":
      return (
        <div class="problem failure" role="alert">
          <strong>
            <Shown text={phase.problem.name} />
          </strong>
          <pre dir="auto">
            <Shown text={phase.problem.message} />
          </pre>
        </div>
      );
    case "starting":
    case "asking":
    case "running":
      return null;
    default:
      return phase satisfies never;
  }
}

function Result({ text, gist }: { text: string; gist: string }) {
  return (
    <details class="result">
      <summary class="result-line">
        <span class="result-name">{strings.result}</span>{" "}
        <span class="result-gist" dir="auto">
          <Shown text={gist} />
        </span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard */}
      <pre dir="auto" tabIndex={0}>
        <Shown text={text} />
      </pre>
    </details>
  );
}
