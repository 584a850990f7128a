FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0
RUN pip install --no-cache-dir opencv-python flask
WORKDIR /srv
COPY . .
CMD ["python", "scan.py"]
