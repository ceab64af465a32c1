/* The review screen: keys, one zoom for all images, the next registros in memory. The page works without it.
   Images are blobs in memory, fetched with no-store and let go once the decision is saved. Nothing is kept but one
   preference (keys on or off). */
(() => {
  "use strict";
  const lugar = document.getElementById("mesa-lugar");
  if (!lugar) return;
  const POR_DELANTE = 2;
  const CUIDADO_MS = 300; // a key pressed twice must not decide on what nobody has seen yet
  const REINTENTOS_MS = [0, 1000, 2000, 4000, 8000, 15000];
  const MANTENER_MS = 4 * 60000;
  const aviso = document.getElementById("mesa-aviso");
  const problemas = document.getElementById("mesa-problemas");
  const ayuda = document.getElementById("mesa-ayuda");
  const antesala = document.getElementById("mesa-antesala");
  const conTeclas = document.getElementById("mesa-con-teclas");
  const fin = document.title.split(" · ").pop();

  let actual = null; // { id, nodo, recibido, mostrado, zoom, urls, copias }
  const cola = [];
  const guardando = new Map(); // by revisión: the promise of its decision
  const saltadas = [];
  let anterior = null; // { dictamen, texto }
  let hueco = {}; // how large an image of four is
  let trayendo = false, agotada = false, esperando = false, saliendo = false, terminada = false, activo = Date.now();

  /* -- talking to the server */

  class Terminada extends Error {}

  async function pedir(url, datos, fragmento) {
    const headers = { Accept: fragmento ? "text/html" : "application/json", "HX-Request": "true" };
    if (fragmento) headers["HX-Request-Type"] = "partial";
    const respuesta = await fetch(url, {
      method: datos ? "POST" : "GET", body: datos ? new URLSearchParams(datos) : undefined, headers,
      cache: "no-store", credentials: "same-origin",
    });
    if (respuesta.headers.get("HX-Redirect")) throw new Terminada();
    return respuesta;
  }

  function sesionTerminada() {
    if (terminada) return;
    terminada = true;
    problema("Su sesión terminó.", "Entre otra vez en otra pestaña y vuelva a ésta: lo que está en pantalla no se ha perdido.",
      [["Entrar en otra pestaña", () => window.open("/entrar?sigue=/mesa", "_blank", "noopener")],
       ["Ya entré", (caja) => { caja.remove(); terminada = false; llenar(); }]]);
  }

  async function preparar(respuesta) {
    const id = Number(respuesta.headers.get("X-Revision"));
    const nodo = document.adoptNode(new DOMParser().parseFromString(await respuesta.text(), "text/html").querySelector("article.mesa"));
    const urls = new Map();
    const marcos = [...nodo.querySelectorAll(".mesa-marco img")];
    await Promise.all(marcos.map(async (img) => {
      const url = await enMemoria(img.getAttribute("src"));
      if (!url) { sinImagen(img); return; }
      urls.set(img.getAttribute("src"), url);
      img.src = url;
      await img.decode().catch(() => sinImagen(img));
    }));
    for (const img of nodo.querySelectorAll(".mesa-juntos img[data-tipo]")) {
      const url = urls.get(img.getAttribute("src"));
      if (url) img.src = url;
    }
    return { id, nodo, recibido: performance.now(), mostrado: 0, zoom: false, urls: [...urls.values()], copias: aLaAntesala(marcos) };
  }

  async function enMemoria(src) {
    const respuesta = await pedir(src, null, true);
    return respuesta.ok ? URL.createObjectURL(await respuesta.blob()) : "";
  }

  function sinImagen(img) {
    const dicho = document.createElement("p");
    dicho.className = "vacio-caja";
    dicho.textContent = "Lo que llegó no es una imagen que se pueda mostrar.";
    img.replaceWith(dicho);
  }

  function soltarMemoria(uno) {
    for (const copia of uno.copias.splice(0)) copia.remove();
    for (const url of uno.urls.splice(0)) URL.revokeObjectURL(url);
  }

  /* -- the next ones */

  const enMano = () => [actual, ...cola].filter(Boolean).map((uno) => uno.id).concat([...guardando.keys()]);

  async function llenar() {
    if (trayendo || agotada || terminada || cola.length >= POR_DELANTE) return;
    trayendo = true;
    try {
      while (cola.length < POR_DELANTE && !agotada) {
        const respuesta = await pedir("/mesa/adelantar", { enmano: enMano().join(), saltadas: saltadas.join() }, true);
        if (respuesta.status === 204) {
          agotada = true;
          setTimeout(() => { agotada = false; llenar(); }, 20000);
        } else if (respuesta.ok) {
          cola.push(await preparar(respuesta));
        } else throw new Error(String(respuesta.status));
        if (esperando && (cola.length || agotada)) pasar();
      }
    } catch (error) {
      if (error instanceof Terminada) sesionTerminada();
      else setTimeout(llenar, 3000);
    } finally {
      trayendo = false;
    }
  }

  async function pasar() {
    if (cola.length) {
      esperando = false;
      mostrar(cola.shift());
      alPintar(llenar); // asking for another would take the processor from showing this one
      return;
    }
    if (!esperando) {
      esperando = true;
      actual = null;
      const dicho = document.createElement("p");
      dicho.className = "vacio-caja";
      dicho.textContent = "Trayendo el siguiente registro…";
      lugar.replaceChildren(dicho);
      decir("Trayendo el siguiente registro.");
    }
    if (agotada) {
      await Promise.allSettled(guardando.values());
      if (!problemas.childElementCount && esperando && !cola.length) ir("/mesa?hecho=mesa_sin_mas");
      return;
    }
    llenar();
  }

  async function ir(url) {
    const quejas = problemas.childElementCount;
    await Promise.allSettled(guardando.values());
    if (problemas.childElementCount > quejas) return; // what could not be saved is still on this page
    saliendo = true;
    location.assign(url);
  }

  function mostrar(uno) {
    actual = uno;
    uno.mostrado = performance.now();
    vista = nueva();
    lugar.replaceChildren(uno.nodo);
    aplicar();
    ponerAnterior();
    window.scrollTo(0, 0);
    document.getElementById("mesa-titulo").focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("mesa:mostrado", { detail: uno.id }));
    alPintar(() => {
      for (const copia of uno.copias.splice(0)) copia.remove();
      if (actual !== uno) return;
      document.title = `${uno.nodo.dataset.titulo} · ${fin}`;
      history.replaceState(null, "", `/mesa/revision/${uno.id}`);
      const avisos = uno.nodo.querySelectorAll(".mesa-banderas li").length;
      decir(`${aviso.dataset.antes || ""} Siguiente registro en pantalla, ${avisos === 1 ? "con un aviso" : avisos ? `con ${avisos} avisos` : "sin avisos"}.`);
      aviso.dataset.antes = "";
    });
  }

  /* Once what was just put on the page is on the screen: two frames later, or soon in a tab that nobody sees. */
  function alPintar(hacer) {
    let hecho = false;
    const una = () => { if (!hecho) { hecho = true; hacer(); } };
    requestAnimationFrame(() => requestAnimationFrame(una));
    setTimeout(una, 250);
  }

  /* The images of the next ones, painted where nobody sees them and as large as they will be: the browser then has them
     decoded for that size, which is half of the time from the key to the image. */
  function aLaAntesala(marcos) {
    const marco = vista.cuales === "cuatro" && tablero()?.querySelector(".mesa-marco");
    if (marco) hueco = { width: `${marco.clientWidth}px`, height: `${marco.clientHeight}px` };
    const copias = marcos.filter((img) => img.naturalWidth).map((img) => Object.assign(new Image(), { src: img.src, alt: "" }));
    for (const copia of copias) Object.assign(copia.style, hueco);
    antesala.append(...copias);
    return copias;
  }

  function decir(texto) {
    aviso.textContent = texto.trim();
  }

  /* -- deciding */

  const ENPALABRAS = { valido: "Válido", elevado: "Caso elevado" };

  function decidir(forma) {
    if (!actual || performance.now() - actual.mostrado < CUIDADO_MS) return;
    const datos = Object.fromEntries(new FormData(forma));
    if (datos.resultado === "inconsistente" && !revisado(forma, datos)) return;
    if (datos.resultado === "elevado" && !datos.motivo.trim()) {
      error(forma.querySelector("textarea"), "Escriba qué encontró, para que la autoridad pueda resolver.");
      return;
    }
    datos.espera = Math.max(0, Math.round(actual.mostrado - actual.recibido));
    datos.zoom = actual.zoom ? "si" : "";
    datos.guion = "si";
    const uno = actual;
    actual = null;
    aviso.dataset.antes = `${ENPALABRAS[datos.resultado] || `Inconsistencia, inciso ${datos.inciso})`}.`;
    const dicho = guardar(uno, datos).finally(() => guardando.delete(uno.id));
    guardando.set(uno.id, dicho);
    pasar();
  }

  function revisado(forma, datos) {
    const elegido = forma.querySelector("[name=inciso]:checked");
    if (!elegido) {
      error(forma.querySelector("#c-detalle"), "Elija primero el inciso.");
      return false;
    }
    if (elegido.dataset.pide && !datos.detalle.trim()) {
      error(forma.querySelector("#c-detalle"), `El inciso ${elegido.value}) pide un detalle: ${elegido.dataset.detalle}.`);
      return false;
    }
    return true;
  }

  function error(campo, texto) {
    if (!campo) return;
    let dicho = document.getElementById(`e-${campo.id.slice(2)}`);
    if (!dicho) {
      dicho = document.createElement("p");
      dicho.className = "error";
      dicho.id = `e-${campo.id.slice(2)}`;
      (campo.closest(".mesa-juntar") || campo).before(dicho);
    }
    dicho.textContent = texto;
    campo.setAttribute("aria-invalid", "true");
    campo.setAttribute("aria-describedby", `${campo.id === "c-detalle" ? "a-detalle " : ""}${dicho.id}`);
    campo.focus();
    decir(texto);
  }

  async function guardar(uno, datos) {
    await new Promise(alPintar); // what the person waits for first
    for (let vez = 0; ; vez++) {
      try {
        const respuesta = await pedir(`/mesa/revision/${uno.id}/decidir`, datos);
        if (respuesta.ok) return guardado(uno, await respuesta.json());
        if (respuesta.status < 500 && respuesta.status !== 429) return rechazado(uno, respuesta.status, await respuesta.json().catch(() => ({})));
      } catch (falla) {
        if (falla instanceof Terminada) { sinGuardar(uno, datos, "Su sesión terminó antes de guardarla."); sesionTerminada(); return; }
      }
      if (vez >= REINTENTOS_MS.length - 1) { sinGuardar(uno, datos, "No hay conexión con el servidor."); return; }
      if (vez === 1) decir("Aún no se guarda la decisión anterior; se sigue intentando.");
      await new Promise((sigue) => setTimeout(sigue, REINTENTOS_MS[vez + 1]));
    }
  }

  function guardado(uno, dicho) {
    soltarMemoria(uno);
    anterior = { dictamen: dicho.dictamen, texto: dicho.texto };
    ponerAnterior();
    for (const donde of [actual, ...cola].filter(Boolean).map((cada) => cada.nodo.querySelector("[data-hoy]"))) {
      if (donde) donde.textContent = donde.textContent.replace(/lleva [\d,]+/, `lleva ${dicho.hoy.toLocaleString("en-US")}`);
    }
    document.dispatchEvent(new CustomEvent("mesa:guardado", { detail: dicho }));
  }

  function sinGuardar(uno, datos, porque) {
    problema("Una decisión no se ha guardado.", porque, [
      ["Reintentar", (caja) => { caja.remove(); guardando.set(uno.id, guardar(uno, datos).finally(() => guardando.delete(uno.id))); }],
      ["Volver a ese registro", (caja) => { caja.remove(); volver(uno); }],
    ]);
  }

  function rechazado(uno, estado, dicho) {
    const texto = dicho.texto || dicho.mensaje || "El servidor no la aceptó.";
    if (estado === 422) {
      problema("Una decisión no se guardó.", texto, [["Volver a ese registro", (caja) => {
        caja.remove();
        volver(uno);
        error(uno.nodo.querySelector(`#c-${dicho.campo === "motivo" ? "motivo" : "detalle"}`), texto);
      }]]);
      return;
    }
    soltarMemoria(uno);
    const otra = dicho.codigo === "criterios_cambiados" || dicho.codigo === "pantalla_ajena" || dicho.codigo === "revision_vencida";
    problema("Una decisión no se guardó.", texto, otra ? [["Abrir otra vez ese registro", async (caja) => {
      caja.remove();
      await pedir(`/mesa/revision/${uno.id}/tomar`, {}).catch(() => null);
      await traer(uno.id);
    }]] : []);
  }

  function problema(titulo, texto, botones) {
    const caja = document.createElement("div");
    caja.className = "aviso-caja mal";
    const linea = document.createElement("p");
    const fuerte = document.createElement("strong");
    fuerte.textContent = titulo;
    linea.append(fuerte, ` ${texto}`);
    const fila = document.createElement("div");
    fila.className = "acciones";
    for (const [nombre, hacer] of [...botones, ["Quitar este aviso", (esta) => esta.remove()]]) {
      const boton = document.createElement("button");
      boton.type = "button";
      boton.className = "boton claro";
      boton.textContent = nombre;
      boton.addEventListener("click", () => { hacer(caja); if (esperando) pasar(); });
      fila.append(boton);
    }
    caja.append(linea, fila);
    problemas.append(caja);
  }

  function volver(uno) {
    if (actual) cola.unshift(actual);
    esperando = false;
    mostrar(uno);
  }

  async function traer(id) {
    try {
      const respuesta = await pedir(`/mesa/revision/${id}`, null, true);
      if (!respuesta.ok) {
        problema("Ese registro ya no está con usted.", (await respuesta.text()) && "Otra persona lo revisa, o ya se decidió.", []);
        return false;
      }
      const uno = await preparar(respuesta);
      const forma = uno.nodo.querySelector("[data-deshace]");
      anterior = forma.hidden ? null : { dictamen: forma.getAttribute("action").split("/")[3], texto: forma.querySelector("[data-anterior]").textContent };
      volver(uno);
      return true;
    } catch (falla) {
      if (falla instanceof Terminada) sesionTerminada();
      else problema("No se pudo abrir el registro.", "No hay conexión con el servidor.", [["Reintentar", (caja) => { caja.remove(); traer(id); }]]);
      return false;
    }
  }

  async function deshacer() {
    await Promise.allSettled(guardando.values());
    if (!anterior) { decir("No hay una decisión que deshacer."); return; }
    const cual = anterior;
    anterior = null;
    try {
      const respuesta = await pedir(`/mesa/dictamen/${cual.dictamen}/deshacer`, {});
      const dicho = await respuesta.json().catch(() => ({}));
      if (!respuesta.ok) { ponerAnterior(); problema("La decisión no se deshizo.", dicho.mensaje || "", []); return; }
      aviso.dataset.antes = `Se deshizo: ${cual.texto}.`;
      await traer(dicho.revision);
    } catch (falla) {
      anterior = cual;
      if (falla instanceof Terminada) sesionTerminada();
      else problema("La decisión no se deshizo.", "No hay conexión con el servidor.", []);
    }
  }

  function ponerAnterior() {
    const forma = actual && actual.nodo.querySelector("[data-deshace]");
    if (!forma) return;
    forma.hidden = !anterior;
    if (anterior) {
      forma.setAttribute("action", `/mesa/dictamen/${anterior.dictamen}/deshacer`);
      forma.querySelector("[data-anterior]").textContent = anterior.texto;
    }
  }

  async function soltar() {
    if (!actual) return;
    const uno = actual;
    actual = null;
    saltadas.push(uno.id);
    pedir(`/mesa/revision/${uno.id}/soltar`, {}).catch((falla) => { if (falla instanceof Terminada) sesionTerminada(); });
    soltarMemoria(uno);
    aviso.dataset.antes = "Quedó para después.";
    pasar();
  }

  /* -- looking: one transform for all images */

  const nueva = () => ({ x: 0, y: 0, escala: 1, giro: 0, contraste: 1, brillo: 1, cuales: "cuatro" });
  let vista = nueva();
  const CONTRASTES = [1, 1.4, 1.9], BRILLOS = [1, 1.3, 1.7, 0.75];
  const tablero = () => lugar.querySelector(".mesa-tablero");

  function aplicar() {
    const donde = tablero();
    if (!donde) return;
    donde.dataset.vista = vista.cuales;
    donde.classList.toggle("cerca", vista.escala > 1);
    for (const marco of donde.querySelectorAll(".mesa-marco")) {
      const img = marco.querySelector("img");
      if (!img) continue;
      const cruzado = vista.giro % 180 ? Math.min(marco.clientWidth / marco.clientHeight, marco.clientHeight / marco.clientWidth) || 1 : 1;
      img.style.transform = `translate(${vista.x}%, ${vista.y}%) scale(${vista.escala * cruzado}) rotate(${vista.giro}deg)`;
      img.style.filter = vista.contraste === 1 && vista.brillo === 1 ? "" : `contrast(${vista.contraste}) brightness(${vista.brillo})`;
    }
    for (const orden of ["cuatro", "rostros", "firmas"]) {
      const boton = donde.querySelector(`[data-orden=${orden}]`);
      if (boton) boton.setAttribute("aria-pressed", String(vista.cuales === orden));
    }
  }

  function acercar(veces) {
    const antes = vista.escala;
    vista.escala = Math.min(8, Math.max(1, antes * veces));
    vista.x *= vista.escala / antes;
    vista.y *= vista.escala / antes;
    mover(0, 0);
    if (vista.escala > 1 && actual) actual.zoom = true;
  }

  function mover(x, y) {
    const tope = 50 * vista.escala;
    vista.x = vista.escala === 1 ? 0 : Math.max(-tope, Math.min(tope, vista.x + x));
    vista.y = vista.escala === 1 ? 0 : Math.max(-tope, Math.min(tope, vista.y + y));
    aplicar();
  }

  function ver(cuales) {
    vista.cuales = vista.cuales === cuales ? "cuatro" : cuales;
    if (vista.cuales !== "cuatro" && actual) actual.zoom = true;
    aplicar();
  }

  const girar = (valores, valor) => valores[(valores.indexOf(valor) + 1) % valores.length];
  const IMAGENES = ["anverso", "reverso", "foto", "firma"];
  const ORDENES = {
    cuatro: () => { vista.cuales = "cuatro"; aplicar(); },
    rostros: () => ver("rostros"),
    firmas: () => ver("firmas"),
    acercar: () => acercar(1.5),
    alejar: () => acercar(1 / 1.5),
    alternar: () => acercar(vista.escala > 1 ? 1 / vista.escala : 2.5),
    girar: () => { vista.giro = (vista.giro + 90) % 360; aplicar(); decir(`Girado ${vista.giro} grados.`); },
    contraste: () => { vista.contraste = girar(CONTRASTES, vista.contraste); aplicar(); decir(`Contraste ${vista.contraste}.`); },
    brillo: () => { vista.brillo = girar(BRILLOS, vista.brillo); aplicar(); decir(`Brillo ${vista.brillo}.`); },
    restablecer: () => { vista = nueva(); aplicar(); decir("Las imágenes, como llegaron."); },
    ayuda: () => { if (!ayuda.open) ayuda.showModal(); },
    valido: () => { const forma = lugar.querySelector("[data-decide=valido]"); if (forma) decidir(forma); },
    soltar,
    deshacer,
    corregir: () => { const enlace = lugar.querySelector("[data-orden=corregir]"); if (enlace) ir(enlace.href); },
    elevar: () => {
      const caso = lugar.querySelector(".mesa-elevar");
      if (caso) { caso.open = true; caso.querySelector("textarea").focus(); }
    },
  };
  const TECLAS = {
    v: "valido", x: "elevar", u: "deshacer", s: "soltar", t: "corregir", 0: "cuatro", 5: "rostros", 6: "firmas", "+": "acercar", "=": "acercar",
    "-": "alejar", z: "alternar", r: "girar", o: "contraste", p: "brillo", w: "restablecer", "?": "ayuda",
  };
  const FLECHAS = { ArrowLeft: [8, 0], ArrowRight: [-8, 0], ArrowUp: [0, 8], ArrowDown: [0, -8] };

  const escribe = (donde) => donde instanceof Element && (donde.closest("textarea, select, [contenteditable]") !== null
    || (donde.tagName === "INPUT" && !["radio", "checkbox", "button", "submit"].includes(donde.type)));

  document.addEventListener("keydown", (e) => {
    activo = Date.now();
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || ayuda.open) return;
    if (escribe(e.target)) {
      if (e.key === "Escape") { e.preventDefault(); document.getElementById("mesa-titulo")?.focus(); }
      return;
    }
    if (!conTeclas.checked || !actual) return;
    if (e.key === "Enter" && e.target.name === "inciso") { e.preventDefault(); decidir(e.target.form); return; }
    if (e.key in FLECHAS && vista.escala > 1 && e.target.name !== "inciso") { e.preventDefault(); mover(...FLECHAS[e.key]); return; }
    const tecla = e.key.toLowerCase();
    if (e.repeat && !"+-=".includes(tecla)) return;
    const inciso = /^[a-zñ]$/.test(tecla) && [...lugar.querySelectorAll("[name=inciso]")].find((uno) => uno.value.slice(-1) === tecla);
    if (inciso) {
      e.preventDefault();
      inciso.checked = true;
      elegido(inciso);
      lugar.querySelector("#c-detalle").focus();
    } else if (/^[1-4]$/.test(tecla)) {
      e.preventDefault();
      ver(IMAGENES[tecla - 1]);
    } else if (tecla in TECLAS) {
      e.preventDefault();
      ORDENES[TECLAS[tecla]]();
    }
  });

  function elegido(inciso) {
    const forma = inciso.form, lista = forma.querySelector("datalist"), texto = forma.querySelector("[data-detalle-texto]");
    lista.replaceChildren(...(inciso.dataset.opciones || inciso.dataset.detalle).split("|").map((valor) => Object.assign(document.createElement("option"), { value: valor })));
    texto.textContent = `${inciso.dataset.detalle}.`;
    texto.hidden = false;
    forma.querySelector("[data-detalle-nota]").textContent = inciso.dataset.pide ? "(obligatorio)" : "(opcional)";
  }

  document.addEventListener("change", (e) => { if (e.target.name === "inciso") elegido(e.target); });
  document.addEventListener("submit", (e) => {
    const { decide, suelta, deshace } = e.target.dataset;
    if (decide === undefined && suelta === undefined && deshace === undefined) return;
    e.preventDefault();
    if (decide !== undefined) decidir(e.target);
    else if (suelta !== undefined) soltar();
    else deshacer();
  });
  document.addEventListener("click", (e) => {
    activo = Date.now();
    const boton = e.target.closest("button[type=button][data-orden]");
    if (boton) ORDENES[boton.dataset.orden]();
  });

  /* -- looking with a mouse or a finger */

  let arrastre = null;
  lugar.addEventListener("pointerdown", (e) => {
    const marco = e.target.closest(".mesa-tablero .mesa-marco");
    if (!marco || vista.escala === 1 || e.button) return;
    arrastre = { x: e.clientX, y: e.clientY, ancho: marco.clientWidth, alto: marco.clientHeight };
    marco.setPointerCapture(e.pointerId);
  });
  lugar.addEventListener("pointermove", (e) => {
    if (!arrastre) return;
    const { x, y, ancho, alto } = arrastre;
    Object.assign(arrastre, { x: e.clientX, y: e.clientY });
    mover(((e.clientX - x) / ancho) * 100, ((e.clientY - y) / alto) * 100);
  });
  for (const fin of ["pointerup", "pointercancel"]) lugar.addEventListener(fin, () => { arrastre = null; });
  lugar.addEventListener("dblclick", (e) => {
    const marco = e.target.closest(".mesa-tablero .mesa-marco");
    if (!marco) return;
    const caja = marco.getBoundingClientRect(), cerca = vista.escala === 1;
    ORDENES.alternar();
    if (cerca) mover((0.5 - (e.clientX - caja.left) / caja.width) * 250, (0.5 - (e.clientY - caja.top) / caja.height) * 250);
  });
  lugar.addEventListener("wheel", (e) => {
    if (!e.ctrlKey || !e.target.closest(".mesa-tablero .mesa-marco")) return;
    e.preventDefault();
    acercar(e.deltaY < 0 ? 1.15 : 1 / 1.15);
  }, { passive: false });

  /* -- keys on or off, staying and leaving */

  try { conTeclas.checked = localStorage.getItem("mesa-teclas") !== "no"; } catch { /* a browser that keeps nothing */ }
  const ponerTeclas = () => document.body.classList.toggle("sin-teclas", !conTeclas.checked);
  conTeclas.addEventListener("change", () => {
    try { localStorage.setItem("mesa-teclas", conTeclas.checked ? "si" : "no"); } catch { /* as above */ }
    ponerTeclas();
  });
  ponerTeclas();
  document.body.classList.add("con-guiones");

  setInterval(async () => {
    if (Date.now() - activo > MANTENER_MS || terminada || !enMano().length) return;
    try {
      const { perdidas = [] } = await (await pedir("/mesa/mantener", { enmano: enMano().join() })).json();
      for (const id of perdidas) {
        const n = cola.findIndex((uno) => uno.id === id);
        if (n >= 0) soltarMemoria(cola.splice(n, 1)[0]);
        else if (actual && actual.id === id) problema("Este registro ya no está con usted.", "Pasó el tiempo para revisarlo. Siga con el siguiente.", [["Siguiente", (caja) => { caja.remove(); pasar(); }]]);
      }
      llenar();
    } catch (falla) {
      if (falla instanceof Terminada) sesionTerminada();
    }
  }, MANTENER_MS);

  addEventListener("beforeunload", (e) => { if (guardando.size && !saliendo) e.preventDefault(); });
  addEventListener("pagehide", () => {
    const ids = cola.map((uno) => uno.id).join();
    if (ids) navigator.sendBeacon("/mesa/soltar", new URLSearchParams({ enmano: ids }));
    for (const uno of cola.splice(0)) soltarMemoria(uno);
  });
  addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

  const primero = lugar.querySelector("article.mesa");
  if (primero) {
    saltadas.push(...(primero.dataset.saltadas ? primero.dataset.saltadas.split(",") : []));
    const forma = primero.querySelector("[data-deshace]");
    if (!forma.hidden) anterior = { dictamen: forma.getAttribute("action").split("/")[3], texto: forma.querySelector("[data-anterior]").textContent };
    const ahora = performance.now();
    actual = { id: Number(primero.dataset.revision), nodo: primero, recibido: ahora, mostrado: ahora - CUIDADO_MS, zoom: false, urls: [], copias: [] };
    for (const img of primero.querySelectorAll(".mesa-marco img")) {
      if (img.complete && !img.naturalWidth) sinImagen(img);
      else img.addEventListener("error", () => sinImagen(img));
    }
    const marcado = primero.querySelector("[name=inciso]:checked");
    if (marcado) elegido(marcado);
    aplicar();
    llenar();
  }
})();
