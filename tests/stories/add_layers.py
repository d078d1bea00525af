# SPDX-License-Identifier: Apache-2.0
"""add_layers.py ROOT IMAGE COUNT: puts COUNT layers on an image of the store below ROOT, as docs/formats/images.md
describes them. Layer N holds /layer-N and /all, each of which says N."""
import hashlib
import os
import sqlite3
import sys

root, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = sqlite3.connect(f"{root}/skiff.db")
(image,) = store.execute("SELECT image FROM image_names WHERE reference = ?", (f"docker.io/library/{name}:latest",)).fetchone()
(top,) = store.execute("SELECT max(position) FROM image_layers WHERE image = ?", (image,)).fetchone()
for number in range(1, count + 1):
    directory = f"{number:08x}"
    os.makedirs(f"{root}/layers/{directory}/diff")
    open(f"{root}/layers/{directory}/lock", "w").close()
    for file in (f"layer-{number}", "all"):
        with open(f"{root}/layers/{directory}/diff/{file}", "w") as text:
            text.write(f"{number}\n")
    diff_id = "sha256:" + hashlib.sha256(f"{name} {number}".encode()).hexdigest()
    store.execute("INSERT INTO layers (diff_id, directory, size, tar_size) VALUES (?, ?, 4, 4)", (diff_id, directory))
    store.execute("INSERT INTO image_layers (image, position, diff_id) VALUES (?, ?, ?)", (image, top + number, diff_id))
store.commit()
