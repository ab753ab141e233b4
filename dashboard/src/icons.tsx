/** The page's few drawings, all strokes of one width. Decoration only: what they say stands in words beside them. */
import type { ReactNode } from "react";

type IconProps = { readonly className?: string };

function Drawing({ className, children, box = 24 }: IconProps & { children: ReactNode; box?: number }) {
  return (
    <svg
      viewBox={`0 0 ${box} ${box}`}
      className={className ?? "size-5"}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

/** A signature on its line. */
export function Mark({ className }: IconProps) {
  return (
    <Drawing {...(className === undefined ? {} : { className })} box={32}>
      <path d="M5 25h22" strokeWidth="1.5" className="text-brass" stroke="currentColor" />
      <path
        d="M7 18.4c2.5-5.2 5-9.8 6.7-9.2 2.2.7-2.6 10-.4 10.8 1.9.7 3.6-5.2 5.4-4.8 1.5.4.1 3.7 1.7 3.9 1.8.2 2.7-2.8 5.2-5.3"
        strokeWidth="2.1"
      />
    </Drawing>
  );
}

function Strokes({ paths, className }: IconProps & { paths: readonly string[] }) {
  return (
    <Drawing {...(className === undefined ? {} : { className })}>
      {paths.map((path) => (
        <path key={path} d={path} />
      ))}
    </Drawing>
  );
}

export const PauseIcon = (props: IconProps) => <Strokes {...props} paths={["M9 6v12", "M15 6v12"]} />;
export const SendIcon = (props: IconProps) => <Strokes {...props} paths={["M12 19V5", "M6 11l6-6 6 6"]} />;
export const CheckIcon = (props: IconProps) => <Strokes {...props} paths={["M5 12.5l4.5 4.5L19 7.5"]} />;
export const CrossIcon = (props: IconProps) => <Strokes {...props} paths={["M7 7l10 10", "M17 7L7 17"]} />;
export const ReplyIcon = (props: IconProps) => (
  <Strokes {...props} paths={["M9 7L4 12l5 5", "M4 12h9a6 6 0 0 1 6 6"]} />
);
export const WarningIcon = (props: IconProps) => (
  <Strokes {...props} paths={["M12 4.5l8.5 15h-17z", "M12 10.5v4", "M12 17.2v.1"]} />
);
export const InfoIcon = (props: IconProps) => (
  <Strokes {...props} paths={["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 11v5", "M12 8v.1"]} />
);
export const DeskIcon = (props: IconProps) => <Strokes {...props} paths={["M4 6.5h16v9H12l-4.5 3.5v-3.5H4z"]} />;
export const PositionsIcon = (props: IconProps) => (
  <Strokes {...props} paths={["M7 5v3", "M7 14v4", "M5 8h4v6H5z", "M17 4v5", "M17 16v4", "M15 9h4v7h-4z"]} />
);
export const HouseIcon = (props: IconProps) => (
  <Strokes {...props} paths={["M4 11l8-6.5 8 6.5", "M6 10v9h12v-9", "M10.5 19v-5h3v5"]} />
);
export const DownIcon = (props: IconProps) => <Strokes {...props} paths={["M12 5v14", "M6 13l6 6 6-6"]} />;
export const StopIcon = (props: IconProps) => (
  <Strokes {...props} paths={["M8.5 3.5h7l5 5v7l-5 5h-7l-5-5v-7z", "M9 12h6"]} />
);
export const LeaveIcon = (props: IconProps) => (
  <Strokes {...props} paths={["M14 5H6v14h8", "M11 12h9", "M17 9l3 3-3 3"]} />
);
