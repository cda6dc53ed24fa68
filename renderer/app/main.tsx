import "@blueprintjs/core/lib/css/blueprint.css";
import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "dockview-react/dist/styles/dockview.css";
import "./tokens.css";
import "./app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startSession } from "../store/session.ts";
import { App } from "./App.tsx";
import { runCommand } from "./commands.ts";

const root = document.getElementById("root");
if (!root) throw new TypeError("the page has no root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
void startSession(runCommand);
