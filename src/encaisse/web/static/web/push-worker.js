// What a push message shows, and where it leads. Nothing is stored, nothing else is answered.
self.addEventListener("push", (event) => {
  const told = event.data?.json() ?? {};
  event.waitUntil(
    self.registration.showNotification(told.title ?? "Encaisse", {
      body: told.body ?? "",
      tag: told.tag,
      icon: "/static/web/icon.svg",
      lang: "fr",
      requireInteraction: true,
      data: { url: told.url },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url ?? "/", self.location.origin);
  if (url.origin === self.location.origin) event.waitUntil(self.clients.openWindow(url.href));
});
