/** The phone's panel: how it is, what is wrong, levels, devices, the test call. */
import { byId, make } from "../common/page";
import { say } from "../common/texts";
import type { Device } from "../softphone/devices";
import { put, show } from "./elements";
import type { DeskPhone } from "./phone";

/** Keep the panel as the phone is. */
export function setUpPhonePanel(phone: DeskPhone): void {
  const panel = new PhonePanel(phone);
  phone.addEventListener("changed", () => panel.show());
  phone.addEventListener("levels", () => panel.levels());
  byId("devices").addEventListener("toggle", () => void panel.devices());
  choice("microphone").addEventListener("change", () => void phone.softphone?.setInput(choice("microphone").value));
  choice("loudspeaker").addEventListener("change", () => void phone.softphone?.setOutput(choice("loudspeaker").value));
  panel.show();
}

class PhonePanel {
  constructor(private readonly phone: DeskPhone) {}

  show(): void {
    const { news } = this.phone;
    put("phone-words", this.#words());
    const on = ["ready", "ringing", "talking"].includes(news.state);
    show("levels", on);
    show("devices", on);
    byId("softphone").classList.toggle("trouble", this.phone.trouble !== "" && !this.phone.elsewhere);
    const { quality } = news;
    show("call-quality", quality !== undefined);
    if (quality !== undefined) {
      put("call-quality", say(`desk.quality_${quality.grade}`));
      byId("call-quality").className = quality.grade === "good" ? "tag tag-good" : "tag tag-warn";
    }
    void this.devices();
  }

  levels(): void {
    const { levelIn, levelOut } = this.phone.news;
    byId<HTMLMeterElement>("level-in").value = levelIn;
    byId<HTMLMeterElement>("level-out").value = levelOut;
  }

  /** List the devices, while somebody looks at them. */
  async devices(): Promise<void> {
    const { softphone } = this.phone;
    if (softphone === undefined || !byId<HTMLDetailsElement>("devices").open) return;
    fill(choice("microphone"), await softphone.inputs());
    fill(choice("loudspeaker"), await softphone.outputs());
  }

  #words(): string {
    if (this.phone.elsewhere) return say("desk.phone_elsewhere");
    if (this.phone.trouble !== "") return this.phone.trouble;
    if (this.phone.onDesk) return say(this.phone.deskPhone ? "desk.phone_on_desk" : "desk.phone_desk_away");
    const { state, test } = this.phone.news;
    return say(test ? "desk.phone_testing" : `desk.phone_${state}`);
  }
}

function choice(name: string): HTMLSelectElement {
  return byId<HTMLSelectElement>(`field-${name}`);
}

function fill(select: HTMLSelectElement, devices: readonly Device[]): void {
  const names = devices.map((device, place) => device.name || say("desk.device_unnamed", { number: place + 1 }));
  const shown = [...select.options].map((option) => `${option.value} ${option.textContent}`).join();
  if (shown !== devices.map((device, place) => `${device.id} ${names[place]}`).join()) {
    select.replaceChildren(...devices.map((device, place) => make("option", "", names[place], { value: device.id })));
  }
  const chosen = devices.find((device) => device.chosen);
  if (chosen) select.value = chosen.id;
  select.disabled = devices.length === 0;
}
