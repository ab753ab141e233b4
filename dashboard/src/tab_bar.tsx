/** The three rooms of the page on a phone. */
import { DeskIcon, HouseIcon, PositionsIcon } from "./icons.tsx";

export type Tab = "desk" | "positions" | "house";

type TabBarProps = {
  readonly tab: Tab;
  readonly onTab: (tab: Tab) => void;
  readonly waitingCount: number;
  readonly positionCount: number;
};

export function TabBar({ tab, onTab, waitingCount, positionCount }: TabBarProps) {
  const tabs = [
    { id: "desk", name: "Desk", Icon: DeskIcon, count: waitingCount, isUrgent: true },
    { id: "positions", name: "Positions", Icon: PositionsIcon, count: positionCount, isUrgent: false },
    { id: "house", name: "House", Icon: HouseIcon, count: 0, isUrgent: false },
  ] as const;
  return (
    <nav
      aria-label="Rooms"
      className="grid grid-cols-3 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {tabs.map(({ id, name, Icon, count, isUrgent }) => (
        <button
          key={id}
          type="button"
          aria-current={tab === id ? "page" : undefined}
          onClick={() => onTab(id)}
          className={`flex h-13 items-center justify-center gap-2 text-[13px] ${tab === id ? "font-medium text-ink" : "text-ink-3"}`}
        >
          <Icon className="size-5" />
          {name}
          {count > 0 && (
            <span
              className={`figures min-w-5 rounded-full px-1.5 text-center text-[11px] leading-5 ${
                isUrgent ? "bg-brass font-semibold text-ground" : "bg-line text-ink-2"
              }`}
            >
              {count}
            </span>
          )}
        </button>
      ))}
    </nav>
  );
}
