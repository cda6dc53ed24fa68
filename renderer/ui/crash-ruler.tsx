import "./crash-ruler.css";

/** The write protocol, step by step, with what a reader would find if power failed there. */
const steps: readonly { id: string; name: string; found: string }[] = [
  { id: "undo", name: "Save undo", found: "old state; the bundle may be missing" },
  { id: "prepare", name: "Write new", found: "old state; new blocks are still free" },
  { id: "log", name: "Log", found: "old state; the log is passed by on opening" },
  { id: "commit", name: "Commit", found: "old or new state: the marker is there, or not" },
  { id: "apply", name: "Apply", found: "new state: the log is replayed on opening" },
  { id: "complete", name: "Complete", found: "new state" },
  { id: "verify", name: "Verify", found: "new state, read back" },
];
const commitAt = 3;

/** Left of the commit the old state is found after power loss, right of it the new one. */
export function CrashRuler({ done }: { done: "nothing" | "everything" }) {
  return (
    <section className="crash-ruler" aria-label="If power fails">
      <div className="crash-sides" aria-hidden>
        <span style={{ flex: commitAt + 1 }}>
          If power fails here: <b>old state</b>
        </span>
        <span style={{ flex: steps.length - commitAt - 1 }}>
          <b>new state</b>, replayed on opening
        </span>
      </div>
      <ol>
        {steps.map((step, index) => (
          <li key={step.id} className={done === "everything" ? "is-done" : undefined} title={`If power fails here: ${step.found}`}>
            {step.name}
            <span className="visually-hidden">: if power fails here, {step.found}</span>
            {index === commitAt && <i aria-hidden />}
          </li>
        ))}
      </ol>
      <p className="weak">Each step is synced before the next begins. The bar is the point of no return.</p>
    </section>
  );
}
