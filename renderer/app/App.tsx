import { type DragEvent, useEffect, useState } from "react";
import { InspectorPanel } from "../panels/inspector/InspectorPanel.tsx";
import { activeVolume, openDropped, useSession } from "../store/session.ts";
import { selectVolumeData, useVolumeData } from "../store/volume-data.ts";
import { Dialogs } from "./dialogs/Dialogs.tsx";
import { useWindowKeys } from "./keyboard.ts";
import { Dock } from "./shell/Dock.tsx";
import { LocationBar } from "./shell/LocationBar.tsx";
import { MenuBar } from "./shell/MenuBar.tsx";
import { Navigator } from "./shell/Navigator.tsx";
import { PendingBanner } from "./shell/PendingBanner.tsx";
import { SelectionMenu } from "./shell/SelectionMenu.tsx";
import { StatusBar } from "./shell/StatusBar.tsx";
import { VolumeStrip } from "./shell/VolumeStrip.tsx";
import { VolumeTabs } from "./shell/VolumeTabs.tsx";
import { Welcome } from "./shell/Welcome.tsx";
import { useWindowShape } from "./shell/window-shape.ts";

/** Dark or light, as the setting or the system says; tokens and Blueprint follow the classes. */
function useTheme(): void {
  const theme = useSession((state) => state.settings?.theme ?? "system");
  const density = useSession((state) => state.settings?.density ?? "comfortable");
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: light)");
    const apply = () => {
      const light = theme === "light" || (theme === "system" && system.matches);
      document.documentElement.className = light ? "bs-light" : "bs-dark bp6-dark";
      document.documentElement.dataset.density = density;
    };
    apply();
    system.addEventListener("change", apply);
    return () => system.removeEventListener("change", apply);
  }, [theme, density]);
}

export function App() {
  useTheme();
  useWindowKeys();
  const connection = useSession((state) => state.connection);
  const volume = useSession(activeVolume);
  const data = useVolumeData(selectVolumeData(volume?.id));
  const [drawer, setDrawer] = useState<"navigator" | "inspector">();
  const toggle = (name: "navigator" | "inspector") => setDrawer((before) => (before === name ? undefined : name));
  const shape = useWindowShape();
  const [dropping, setDropping] = useState(false);
  if (connection !== "open") return <Connection state={connection} />;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    void openDropped([...event.dataTransfer.files]);
  };
  const over = (event: DragEvent) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    setDropping(true);
  };
  return (
    <div
      className={`window${dropping ? " is-dropping" : ""}`}
      onDragOver={over}
      onDragLeave={(event) => event.currentTarget === event.target && setDropping(false)}
      onDrop={drop}
    >
      <MenuBar title={volume ? `${volume.name} in Blockscope` : "Blockscope"} />
      <VolumeTabs />
      {volume && data ? (
        <>
          <LocationBar volume={volume} data={data} onDrawer={toggle} />
          <div>
            <PendingBanner volume={volume} overview={data.overview} />
            <VolumeStrip volume={volume} data={data} />
          </div>
          <main className={`body${drawer ? ` has-${drawer}` : ""}`}>
            <Navigator key={volume.id} volume={volume} data={data} />
            <Dock key={`dock-${volume.id}`} volume={volume} />
            {shape === "narrow" && drawer === "inspector" && (
              <aside className="inspector-drawer panel" data-pane="inspector" aria-label="Inspector drawer">
                <InspectorPanel volume={volume} />
              </aside>
            )}
          </main>
          <SelectionMenu volume={volume} data={data} />
        </>
      ) : (
        <Welcome />
      )}
      <StatusBar volume={volume} data={data} />
      <Dialogs />
      {dropping && <div className="drop-veil">Drop to open read-only</div>}
    </div>
  );
}

const words = {
  connecting: ["Connecting…", "Blockscope is asking its host for the open volumes."],
  refused: ["This address was used already", "Each address opens one tab. Open the address that the host printed last, or start it anew."],
  lost: [
    "The host is gone",
    "It was stopped, or this machine slept. Nothing was written. Start it anew and open the address that it prints.",
  ],
} as const;

function Connection({ state }: { state: keyof typeof words }) {
  const [title, text] = words[state];
  return (
    <main className="connection" role={state === "connecting" ? "status" : "alert"}>
      <h1>{title}</h1>
      <p>{text}</p>
    </main>
  );
}
