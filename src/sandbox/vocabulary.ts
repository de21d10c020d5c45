// The things that people speak of to a household assistant, shared between actions, and what they say around an order.

/** By slot, the fillers, separated by "|"; all equally likely. */
export const slots: Readonly<Record<string, string>> = {
  grocery:
    "milk|eggs|bread|butter|tomatoes|olive oil|coffee beans|rice|bananas|oat milk|cheese|onions|garlic|pasta|flour|sugar|chicken|yoghurt|apples|spinach|toilet paper|dish soap|batteries|light bulbs|dog food|paper towels|cereal|tea|honey|lemons",
  dish: "lasagna|pancakes|chicken curry|tomato soup|banana bread|fried rice|pad thai|apple pie|chili|mushroom risotto|omelette|garlic bread|beef stew|tacos|lentil soup|carrot cake|spinach pie|onion soup|meatballs|cheese cake",
  chore:
    "call the plumber|water the plants|clean the garage|pay the rent|pick up the laundry|feed the cat|fix the bike|renew my passport|return the library books|take out the trash|walk the dog|mow the lawn|book a dentist|wash the car|file the taxes|buy a birthday card|vacuum the stairs|charge the camera|order new glasses|change the light bulbs|get milk|email the landlord|check the oven|turn off the heating",
  event:
    "the dentist appointment|yoga class|my mother's birthday|the concert|the school play|a doctor's visit|our anniversary dinner|the parents evening|my flight|football practice|the car inspection|a haircut|the wedding|movie night|the book club|a lunch with {person}|the project deadline|swimming lessons|the barbecue",
  subject:
    "the budget|the new website|next year's plans|the holiday schedule|the product launch|hiring|the sales numbers|the roof repair|the contract|the design review|the school trip",
  person:
    "anna|tom|my boss|sarah|the team|dr miller|james|my sister|dad|mom|lena|mr chen|carlos|the marketing people|priya|oliver|my neighbour|the accountant",
  day: "today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|this weekend|next week|next monday|the day after tomorrow|tonight|the third of may",
  clock:
    "6 am|7 am|half past seven|8 in the morning|noon|3 pm|quarter to five|5:30|9 o'clock|ten pm|midnight|6:45|four in the afternoon|2 pm",
  span: "five minutes|ten minutes|20 minutes|half an hour|an hour|45 seconds|90 minutes|two hours|three minutes|a quarter of an hour|12 minutes",
  city: "berlin|paris|chicago|new york|madrid|tokyo|seattle|london|lisbon|denver|boston|oslo|the city center|rome",
  place:
    "work|the airport|the office|home|school|the train station|downtown|the mall|the hospital|{city}|my parents house|the gym",
  language: "french|spanish|german|italian|japanese|portuguese|turkish|polish|swedish|korean|dutch|greek",
  saying:
    "good morning|thank you very much|where is the train station|i would like a coffee|how much is it|see you tomorrow|i am allergic to milk|happy birthday|the weather is nice|call me later|what time is it|two tickets please|i am late for the meeting|turn left at the light|good night|is there traffic",
  music:
    "jazz|the beatles|some classical music|nina simone|my workout playlist|hip hop|something relaxing|bach|the morning mix|country songs|miles davis|that new album|eighties hits|lullabies|rain sounds|christmas songs",
  room: "kitchen|bedroom|living room|hallway|bathroom|office|kids room|basement|porch|garage",
  degrees: "68 degrees|20 degrees|72|19 and a half|65|two degrees warmer|22 degrees",
  news: "i will be late|dinner is at eight|i am on my way|the meeting moved to {clock}|happy birthday|call me back|we need milk|the traffic is bad|i got home|can you pick up the kids|see you {day}|do not forget the keys",
};

/** What comes before an order, the likelier first. */
export const openings =
  "please |can you |could you |i need you to |hey |would you |go ahead and |i'd like you to |ok |just |now ";

/** What comes after it, the likelier first. */
export const closings = " please| for me| now| thanks| when you can| if you can| right away| okay";
