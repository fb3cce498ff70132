/*
 * Honest texts made of pieces, the same on every run: what forms and clients send many times over with other names,
 * amounts and words.
 */

const names =
  `O'Brien|D'Angelo|Müller|Łukasz|José|Zoë|N'Golo|van 't Hoff|Nguyễn|王小明|山田太郎|김철수|Иванов|Σωκράτης|محمد|כהן|Björk|O'Neill & Sons|McDonald's|L'Oréal|AT&T|Smith "Smitty" Jones|Anne-Marie|Ng'ang'a|Şahin|Žižek|Ó Sé`.split(
    '|',
  )
const places =
  `King's Road 14|12 Rue de l'Église|Müllerstraße 7, Hof|Calle Núñez 3, 2º|Via dell'Orso 9|ul. Świętego 1/2|Land's End|Xi'an|Coeur d'Alene|St. John's, NL|東京都千代田区1-1|上海市浦东新区100号|서울 중구 110|Москва, ул. Ленина, д. 5|'s-Hertogenbosch|Flat #3 (rear)|c/o Lee; Unit 5/22|P.O. Box 12 & 13`.split(
    '|',
  )
const things =
  `mug|12" record|5' ladder|men's shoes|blue & white bowl|"retro" lamp|USB-C cable (2m)|select comfort pillow|drop-leaf table|union jack flag|A4 paper, 80 g/m²|crème brûlée set|HB pencils; 12 pcs|3/4" pipe|LEGO® 'City'|C++ book|T-shirt <XL>|50% wool socks|Tee + Tasse|茶杯|カップ|чашка`.split(
    '|',
  )
const sentences: readonly ((name: string, thing: string, place: string, n: number) => string)[] = [
  (name, thing, place, n) => `Hi, I'm ${name}. My ${thing} hasn't arrived at ${place} after ${n} days; where is it?`,
  (name, thing, _place, n) => `${name} wrote: "the ${thing} is ${n} times better" -- and I don't disagree!`,
  (name, thing, place) => `Bitte ${thing} an ${name}, ${place}; danke & Grüße`,
  (name, thing, place) => `C'est ${name} : l'article « ${thing} » n'est pas arrivé à ${place}.`,
  (name, thing, _place, n) => `¿Dónde está mi ${thing}? Soy ${name}; pedido nº ${n}.`,
  (name, thing, _place, n) => `${name}: l'ordine ${n} (${thing}) non c'è ancora, com'è possibile?`,
  (name, thing, _place, n) => `Olá, sou ${name}; o pedido ${n} de ${thing} não chegou.`,
  (name, thing, _place, n) => `Dag, ik ben ${name}. M'n ${thing} (nr. ${n}) is er nog niet; 't duurt lang.`,
  (name, thing, _place, n) => `Hej! ${name} här, order ${n}: ${thing} saknas.`,
  (name, thing, _place, n) => `Dzień dobry, tu ${name}; zamówienie ${n} („${thing}”) nie dotarło.`,
  (name, thing, _place, n) => `Merhaba, ben ${name}; ${n} numaralı sipariş: ${thing} gelmedi.`,
  (name, thing, _place, n) => `Здравствуйте, это ${name}. Заказ № ${n} («${thing}») не пришёл.`,
  (name, thing, _place, n) => `您好，我是${name}，订单${n}的${thing}还没到。`,
  (name, thing, _place, n) => `${name}です。注文番号${n}の「${thing}」が届きません。`,
  (name, thing, _place, n) => `안녕하세요, ${name}입니다. 주문 ${n}번 "${thing}"이 안 왔어요.`,
  (name, thing, _place, n) => `مرحبا، أنا ${name}، الطلب رقم ${n} (${thing}) لم يصل.`,
  (name, thing, _place, n) => `שלום, זה ${name}; הזמנה ${n} (${thing}) לא הגיעה.`,
  (name, thing, _place, n) => `नमस्ते, मैं ${name}; ऑर्डर ${n} (${thing}) नहीं आया।`,
  (name, thing, _place, n) => `Xin chào, tôi là ${name}; đơn ${n} (${thing}) chưa đến.`,
  (name, thing, _place, n) => `สวัสดีค่ะ ${name} ออเดอร์ ${n} (${thing}) ยังไม่มา`,
  (name, thing, _place, n) => `Γεια, είμαι ο ${name}· η παραγγελία ${n} (${thing}) δεν ήρθε.`,
  (name, thing, _place, n) => `${name}, ${n} x ${thing} = $${n * 4}.99; tip: 10 %`,
  (name, thing, place, n) =>
    `{"name": ${JSON.stringify(name)}, "item": ${JSON.stringify(thing)}, "to": ${JSON.stringify(place)}, "n": ${n}}`,
  (name, thing, _place, n) =>
    `https://shop.example/search?q=${encodeURIComponent(thing)}&by=${encodeURIComponent(name)}&page=${n}`,
  (name, thing, place, n) => `"${name}";"${thing}";"${place}";${n}`,
  (name, thing, _place, n) => `<p>${name}: <b>${n}</b> × <i>${thing}</i></p>`,
  (name, thing, _place, n) => `- [ ] ask **${name}** about \`${thing}\` (#${n})`,
  (name, thing, _place, n) => `> ${name}: ${thing}?\n\nYes, ${n} of them; see [here](../items/${n}.md).`,
  (name, thing, _place, n) =>
    `if (user === ${JSON.stringify(name)} || item === ${JSON.stringify(thing)}) { count += ${n}; }`,
  (name, thing, _place, n) =>
    `SELECT price FROM items WHERE owner = '${name.replaceAll("'", "''")}' AND id = ${n}; -- ${thing}`,
]
const amounts = [1, 2, 3, 7, 12, 42, 100, 365, 1024, 5512]

/** Each sentence with each name, the other pieces in turn. */
export function composeTexts(): readonly string[] {
  const texts = new Set<string>()
  let turn = 0
  for (const toText of sentences) {
    for (const name of names) {
      for (let round = 0; round < 5; round++, turn++) {
        const pick = <T>(list: readonly T[]) => list[(turn * 7 + round) % list.length] as T
        texts.add(toText(name, pick(things), pick(places), pick(amounts) + round))
      }
    }
  }
  return [...texts]
}
