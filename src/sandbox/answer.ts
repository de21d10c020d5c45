// What an assistant says and the class that stands for it: an action's answer is JSON, any other answer stands for itself.
import { z } from "zod";

const actionAnswer = z.looseObject({ action: z.string().min(1) });

const replies: Readonly<Record<string, string>> = {
  alarm: "Your alarm is taken care of.",
  calendar: "I have looked after your calendar.",
  lights: "The lights are as you want them.",
  news: "Here is what is new.",
  play_music: "Here comes your music.",
  recipe: "Here is what you need to cook it.",
  reminder: "I will remember that for you.",
  schedule_meeting: "I will find a time that suits everybody.",
  send_message: "Your message is on its way.",
  shopping_list: "Your shopping list is up to date.",
  thermostat: "The temperature is on its way there.",
  timer: "The clock is ticking.",
  todo_list: "Your tasks are up to date.",
  traffic: "Here is how the roads look.",
  translate: "This is how you say it.",
  weather: "Here is the forecast.",
};

/** The class of an assistant's content: that of its `action` when it is a JSON object with one, else of the text as it is. */
export function classOf(content: string): string {
  try {
    return classOfAction(actionAnswer.parse(JSON.parse(content)).action);
  } catch {
    return `text:${content}`;
  }
}

/** The class of an action, as corpora label it. */
export function classOfAction(action: string): string {
  return `action:${action}`;
}

/** What the assistant says for a class: the inverse of `classOf`, with a short sentence for people. */
export function contentOf(name: string): string {
  if (name.startsWith("text:")) return name.slice("text:".length);
  const action = name.slice("action:".length);
  const reply = Object.hasOwn(replies, action) ? replies[action] : `Done: ${action.replaceAll("_", " ")}.`;
  return JSON.stringify({ action, reply });
}
