"""What to do about errors that may happen anywhere, and to programs and servers."""

from encaisse.web.help.words.shapes import Cure, Family

ANYWHERE = Family("Partout", {
    "bad_request": Cure("Revenez à la page, rechargez-la et refaites le geste avec moins de "
        "fichiers ou de texte.",
        "La demande est trop grande ou mal formée."),
    "domain_error": Cure("Rechargez la page et réessayez ; si cela dure, donnez ce code à votre "
        "hébergeur."),
    "handle_unknown": Cure("Demandez un lien récent à qui vous l’a envoyé, et copiez-le en "
        "entier."),
    "internal_error": Cure("Réessayez dans un instant. Si cela revient, donnez l’heure et ce "
        "code à "
        "votre hébergeur.",
        "L’erreur est de notre côté et elle est enregistrée. Aucun argent n’a bougé deux fois."),
    "invalid": Cure("Relisez le champ marqué : le message dit ce qui ne va pas."),
    "invalid_choice": Cure("Rechargez la page et choisissez dans la liste affichée.",
        "Ce choix n’est pas, ou plus, dans la liste."),
    "max_length": Cure("Raccourcissez le texte ; le message donne le nombre de signes.",
        "Le texte est trop long pour ce champ."),
    "max_value": Cure("Écrivez un nombre plus petit ; le message donne la limite.",
        "Le nombre est trop grand."),
    "min_value": Cure("Écrivez un nombre plus grand ; le message donne la limite.",
        "Le nombre est trop petit."),
    "not_found": Cure("Vérifiez l’adresse, et que vous êtes dans la bonne entreprise."),
    "required": Cure("Remplissez le champ marqué, puis envoyez de nouveau.",
        "Un champ nécessaire est vide."),
    "restarting": Cure("Attendez quelques secondes et rechargez.",
        "Encaisse redémarre. Rien n’est perdu : réessayez dans quelques secondes."),
})  # fmt: skip
PROGRAMS = Family("Logiciels reliés (API et webhooks)", {
    "address_refused": Cure("Donnez une adresse publique, en https, que tout l’internet peut "
        "joindre."),
    "api_key_address_refused": Cure("Réglages, Clés d’API : créez une clé qui accepte l’adresse de "
        "votre serveur. Si l’appel n’est pas de vous, révoquez la clé."),
    "api_key_invalid": Cure("Copiez la clé entière après « Bearer ». Perdue ou périmée, "
        "remplacez-la "
        "dans Clés d’API."),
    "api_key_not_replaceable": Cure("Créez une nouvelle clé avec les mêmes droits."),
    "cursor_invalid": Cure("Reprenez la liste au début, sans curseur."),
    "endpoint_stopped": Cure("Réglages, Webhooks : « Ouvrir de nouveau », puis renvoyez ce qui "
        "n’est pas parti."),
    "https_required": Cure("Corrigez l’adresse en https:// dans votre logiciel et remplacez la clé "
        "envoyée en clair."),
    "idempotency_in_flight": Cure("Attendez une seconde et envoyez la même demande, avec la même "
        "clé."),
    "idempotency_key_missing": Cure("Ajoutez cet en-tête, avec une valeur nouvelle pour chaque "
        "opération voulue."),
    "idempotency_key_reused": Cure("Prenez une valeur nouvelle pour une opération différente."),
    "too_many_endpoints": Cure("Fermez une adresse qui ne sert plus, puis ajoutez la nouvelle."),
    "webhook_malformed": Cure("Rien à faire si c’est rare. Sinon, mettez Encaisse à jour."),
    "webhook_other_account": Cure("Chez le prestataire, vérifiez que l’adresse de webhook est "
        "celle "
        "de ce compte."),
    "webhook_signature_invalid": Cure("Refaites l’essai dans Réglages, Prestataire. Si d’autres "
        "arrivent, quelqu’un les imite : ils sont refusés."),
})  # fmt: skip
SERVER = Family("Le serveur (pour l’hébergeur)", {
    "keys_in_environment": Cure("Écrivez la valeur dans un fichier lisible du seul service, et "
        "donnez son chemin dans ENCAISSE_KEYSET_FILE."),
    "keys_still_in_use": Cure("Lancez « encaisse keys rotate » jusqu’à ce qu’il ne reste rien."),
    "passphrase_too_short": Cure("Prenez cinq ou six mots tirés au hasard."),
    "passphrase_wrong": Cure("Reprenez la phrase notée le jour de la sauvegarde ; essayez une "
        "autre "
        "copie du fichier."),
    "rotation_held_back": Cure("Relancez la commande quand les travaux en cours sont finis."),
    "rotation_running": Cure("Attendez la fin de l’autre : elles feraient deux fois le même "
        "travail."),
    "sealed_file_unreadable": Cure("Recopiez le fichier depuis l’original, en mode binaire, et "
        "vérifiez sa taille."),
})  # fmt: skip
